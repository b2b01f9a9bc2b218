package interp

import (
	"math"
	"strings"
)

// unitFunctions convert physical units (pages convert-angle-function and its kin). A unit that is not known gives null.
var unitFunctions = []*function{
	{name: "convert_length", sig: "real string string", ret: "real", doc: "length in another unit", fn: convert(lengthUnits)},
	{name: "convert_mass", sig: "real string string", ret: "real", doc: "mass in another unit", fn: convert(massUnits)},
	{name: "convert_speed", sig: "real string string", ret: "real", doc: "speed in another unit", fn: convert(speedUnits)},
	{name: "convert_angle", sig: "real string string", ret: "real", doc: "angle in another unit", fn: convert(angleUnits)},
	{name: "convert_energy", sig: "real string string", ret: "real", doc: "energy in another unit", fn: convert(energyUnits)},
	{name: "convert_force", sig: "real string string", ret: "real", doc: "force in another unit", fn: convert(forceUnits)},
	{name: "convert_volume", sig: "real string string", ret: "real", doc: "volume in another unit", fn: convert(volumeUnits)},
	{name: "convert_temperature", sig: "real string string", ret: "real", doc: "temperature in another unit", fn: convertTemperature},
}

func convert(units map[string]float64) func(c *call, a []any) any {
	return func(c *call, a []any) any {
		from, ok := units[a[1].(string)]
		to, ok2 := units[a[2].(string)]
		if !ok || !ok2 {
			return nil
		}
		return a[0].(float64) * from / to
	}
}

// metric adds the decimal multiples of a unit: prefixes in the names, powers of ten in the factors.
func metric(m map[string]float64, unit string, factor float64, prefixes string) {
	powers := map[string]float64{
		"Femto": -15, "Pico": -12, "Nano": -9, "Micro": -6, "Milli": -3, "Centi": -2, "Deci": -1, "": 0,
		"Deca": 1, "Hecto": 2, "Kilo": 3, "Mega": 6, "Giga": 9, "Tera": 12, "Peta": 15, "Exa": 18,
	}
	m[strings.ToUpper(unit[:1])+unit[1:]] = factor
	for _, p := range strings.Fields(prefixes) {
		m[p+unit] = factor * math.Pow(10, powers[p])
	}
}

var lengthUnits = func() map[string]float64 {
	const inch, au, ly, pc = 0.0254, 1.495978707e11, 9.46073047258e15, 3.08567758128e16
	m := map[string]float64{
		"Angstrom": 1e-10, "AstronomicalUnit": au, "Chain": 20.1168, "DataMile": 1828.8, "DtpPica": inch / 6, "DtpPoint": inch / 72,
		"Fathom": 1.8288, "Foot": 12 * inch, "Hand": 4 * inch, "Inch": inch, "Kilofoot": 12000 * inch, "Kiloyard": 36000 * inch, "LightYear": ly, "KilolightYear": 1e3 * ly,
		"MegalightYear": 1e6 * ly, "Parsec": pc, "Kiloparsec": 1e3 * pc, "Megaparsec": 1e6 * pc, "Microinch": 1e-6 * inch, "Mil": 1e-3 * inch, "Mile": 63360 * inch,
		"NauticalMile": 1852, "PrinterPica": inch / 6.02250006022500, "PrinterPoint": inch / 72.27, "Shackle": 27.432, "SolarRadius": 6.95510e8, "Twip": inch / 1440,
		"UsSurveyFoot": 1200.0 / 3937, "Yard": 36 * inch,
	}
	metric(m, "meter", 1, "Femto Pico Nano Micro Milli Centi Deci Deca Hecto Kilo Mega Giga")
	return m
}()

var massUnits = func() map[string]float64 {
	const pound, kg = 0.45359237, 1.0
	m := map[string]float64{
		"Pound": pound, "Ounce": pound / 16, "Stone": 14 * pound, "Grain": pound / 7000, "ShortTon": 2000 * pound, "LongTon": 2240 * pound,
		"ShortHundredweight": 100 * pound, "LongHundredweight": 112 * pound, "Kilopound": 1e3 * pound, "Megapound": 1e6 * pound, "Tonne": 1e3 * kg, "Kilotonne": 1e6,
		"Megatonne": 1e9, "Slug": 14.593902937206, "SolarMass": 1.98947e30, "EarthMass": 5.9722e24,
	}
	metric(m, "gram", 1e-3, "Nano Micro Milli Centi Deci Deca Hecto Kilo")
	return m
}()

var speedUnits = func() map[string]float64 {
	lengths := map[string]float64{
		"Meter": 1, "Foot": 0.3048, "Yard": 0.9144, "UsSurveyFoot": 1200.0 / 3937, "Centimeter": 1e-2, "Decimeter": 1e-1, "Millimeter": 1e-3,
		"Micrometer": 1e-6, "Nanometer": 1e-9, "Kilometer": 1e3, "Inch": 0.0254,
	}
	plural := map[string]string{"Foot": "Feet", "UsSurveyFoot": "UsSurveyFeet", "Inch": "Inches"}
	m := map[string]float64{"Knot": 1852.0 / 3600, "Mach": 340.29, "MilePerHour": 0.44704}
	for name, f := range lengths {
		p := plural[name]
		if p == "" {
			p = name + "s"
		}
		for unit, t := range map[string]float64{"Second": 1, "Minute": 60, "Hour": 3600} {
			m[name+"Per"+unit] = f / t
			m[p+"Per"+unit] = f / t
		}
	}
	return m
}()

var angleUnits = func() map[string]float64 {
	d := math.Pi / 180
	m := map[string]float64{"Arcminute": d / 60, "Arcsecond": d / 3600, "Gradian": 0.9 * d, "NatoMil": math.Pi / 3200, "Revolution": 2 * math.Pi, "Tilt": 1}
	metric(m, "degree", d, "Micro Milli Nano")
	metric(m, "radian", 1, "Centi Deci Micro Milli Nano")
	return m
}()

var energyUnits = func() map[string]float64 {
	const btu, cal, ev, wh, therm = 1055.05585262, 4.184, 1.602176565e-19, 3600.0, 1.055056e8
	m := map[string]float64{
		"BritishThermalUnit": btu, "FootPound": 1.355817948, "FootPoundal": 0.0421401100938048, "ThermImperial": 1.05505585257348e8, "ThermEc": 1.05505585262e8,
		"ThermUs": 1.054804e8, "HorsepowerHour": 2.684519537696173e6, "DecathermEc": 1.05505585262e9, "DecathermImperial": 1.05505585257348e9, "DecathermUs": 1.054804e9, "Erg": 1e-7,
		"KilobritishThermalUnit": 1e3 * btu, "MegabritishThermalUnit": 1e6 * btu, "GigabritishThermalUnit": 1e9 * btu, "WattDay": 24 * wh, "KilowattDay": 24e3 * wh, "MegawattDay": 24e6 * wh,
		"GigawattDay": 24e9 * wh, "TerawattDay": 24e12 * wh,
	}
	metric(m, "joule", 1, "Micro Milli Nano Kilo Mega Giga Tera Peta")
	metric(m, "calorie", cal, "Kilo Mega")
	metric(m, "electronVolt", ev, "Kilo Mega Giga Tera")
	m["Electronvolt"], m["ElectronVolt"] = ev, ev
	metric(m, "wattHour", wh, "Kilo Mega Giga Tera")
	return m
}()

var forceUnits = func() map[string]float64 {
	const g = 9.80665
	m := map[string]float64{
		"Dyn": 1e-5, "KilogramForce": g, "KiloPond": g, "PoundForce": 4.4482216152605, "KilopoundForce": 4448.2216152605, "OunceForce": 2.780138509537812e-1,
		"Poundal": 0.13825502798973, "ShortTonForce": 8896.443230521, "TonneForce": 1e3 * g,
	}
	metric(m, "newton", 1, "Deca Kilo Mega Micro Milli")
	return m
}()

var volumeUnits = func() map[string]float64 {
	const gal, ft3, impGal = 0.003785411784, 0.028316846592, 0.00454609
	m := map[string]float64{
		"AcreFoot": 1 / 0.000810714, "BoardFoot": ft3 / 12, "CubicCentimeter": 1e-6, "CubicDecimeter": 1e-3, "CubicFoot": ft3, "CubicHectometer": 1e6,
		"CubicInch": ft3 / 1728, "CubicKilometer": 1e9, "CubicMeter": 1, "CubicMicrometer": 1e-18, "CubicMile": 4.168181825440579584e9, "CubicMillimeter": 1e-9, "CubicYard": 27 * ft3,
		"HectocubicFoot": 100 * ft3, "HectocubicMeter": 100, "ImperialBeerBarrel": 36 * impGal, "ImperialGallon": impGal, "ImperialOunce": impGal / 160, "ImperialPint": impGal / 8,
		"ImperialQuart": impGal / 4, "KilocubicFoot": 1e3 * ft3, "KilocubicMeter": 1e3, "KiloimperialGallon": 1e3 * impGal, "KilousGallon": 1e3 * gal, "MegacubicFoot": 1e6 * ft3,
		"MegaimperialGallon": 1e6 * impGal, "MegausGallon": 1e6 * gal, "MetricCup": 2.5e-4, "MetricTeaspoon": 5e-6, "OilBarrel": 42 * gal, "UsBeerBarrel": 31 * gal, "UsCustomaryCup": gal / 16,
		"UsGallon": gal, "UsLegalCup": 2.4e-4, "UsOunce": gal / 128, "UsPint": gal / 8, "UsQuart": gal / 4, "UsTablespoon": gal / 256, "UsTeaspoon": gal / 768, "UkTablespoon": 1.5e-5,
		"AuTablespoon": 2e-5,
	}
	metric(m, "liter", 1e-3, "Centi Deca Deci Hecto Kilo Mega Micro Milli Nano")
	return m
}()

// temperatureScales give kelvin = value*factor + offset.
var temperatureScales = map[string][2]float64{
	"Kelvin": {1, 0}, "DegreeCelsius": {1, 273.15}, "DegreeFahrenheit": {5.0 / 9, 459.67 * 5 / 9}, "DegreeRankine": {5.0 / 9, 0},
	"DegreeDelisle": {-2.0 / 3, 373.15}, "DegreeNewton": {100.0 / 33, 273.15}, "DegreeReaumur": {1.25, 273.15}, "DegreeRoemer": {40.0 / 21, 273.15 - 7.5*40/21},
	"MillidegreeCelsius": {1e-3, 273.15}, "SolarTemperature": {5778, 0},
}

func convertTemperature(c *call, a []any) any {
	from, ok := temperatureScales[a[1].(string)]
	to, ok2 := temperatureScales[a[2].(string)]
	if !ok || !ok2 {
		return nil
	}
	return (a[0].(float64)*from[0] + from[1] - to[1]) / to[0]
}
