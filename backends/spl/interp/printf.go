package interp

import (
	"fmt"
	"strconv"
	"strings"
)

// maxField bounds the width and precision of a printf directive.
const maxField = 4096

// verb is one directive of printf.
type verb struct {
	flags            string
	width, precision int // -1 for none
	thousands        bool
	letter           byte
}

// printf formats with C's directives, `'` for commas between thousands, and `*` for a width or precision that is an argument.
func printf(_ *run, a []value) value {
	format, args := a[0].text(), a[1:]
	next := func() (value, bool) {
		if len(args) == 0 {
			return value{}, false
		}
		v := args[0]
		args = args[1:]
		return v, true
	}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		d, used, ok := readVerb(format[i+1:], next)
		if !ok || b.Len() > maxValueBytes {
			return value{}
		}
		i += used
		if d.letter == '%' {
			b.WriteByte('%')
			continue
		}
		v, ok := next()
		if !ok || !d.write(&b, v) {
			return value{}
		}
	}
	return textValue(b.String())
}

// readVerb reads the directive behind a %; used is its length.
func readVerb(s string, next func() (value, bool)) (d verb, used int, ok bool) {
	d.width, d.precision = -1, -1
	i := 0
	for ; i < len(s) && strings.IndexByte("+-# 0'", s[i]) >= 0; i++ {
		if s[i] == '\'' {
			d.thousands = true
		} else if !strings.Contains(d.flags, s[i:i+1]) {
			d.flags += s[i : i+1]
		}
	}
	number := func(to *int) bool {
		if i < len(s) && s[i] == '*' {
			i++
			v, has := next()
			n, num := v.number()
			if *to = int(n); n < 0 && to == &d.width {
				d.flags, *to = d.flags+"-", -*to
			}
			return has && num && *to <= maxField
		}
		from := i
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		if from == i {
			return true
		}
		n, err := strconv.Atoi(s[from:i])
		*to = n
		return err == nil && n <= maxField
	}
	if !number(&d.width) {
		return d, i, false
	}
	if i < len(s) && s[i] == '.' {
		i++
		d.precision = 0
		if !number(&d.precision) {
			return d, i, false
		}
	}
	for i < len(s) && strings.IndexByte("hlLqjzt", s[i]) >= 0 {
		i++
	}
	if i == len(s) {
		return d, i, false
	}
	d.letter = s[i]
	return d, i + 1, true
}

func (d verb) write(b *strings.Builder, v value) bool {
	spec := "%" + d.flags
	if d.width >= 0 {
		spec += strconv.Itoa(d.width)
	}
	if d.precision >= 0 {
		spec += "." + strconv.Itoa(d.precision)
	}
	n, num := v.number()
	var out string
	switch c := d.letter; {
	case c == 's':
		out = fmt.Sprintf(strings.ReplaceAll(spec, "#", "")+"s", v.text())
	case c == 'c':
		out = fmt.Sprintf(strings.ReplaceAll(spec, "#", "")+"c", []rune(v.text() + " ")[0])
	case !num:
		return false
	case c == 'd' || c == 'i' || c == 'u':
		out = fmt.Sprintf(spec+"d", int64(n))
	case strings.IndexByte("xXo", c) >= 0:
		out = fmt.Sprintf(spec+string(c), int64(n))
	case strings.IndexByte("fFeEgG", c) >= 0:
		out = fmt.Sprintf(spec+string(c), n)
	case c == 'a' || c == 'A':
		out = fmt.Sprintf(spec+string(c-'a'+'x'), n)
	default:
		return false
	}
	if d.thousands && strings.IndexByte("diufF", d.letter) >= 0 {
		out = grouped(strings.TrimSpace(out))
		if pad := d.width - len(out); pad > 0 && strings.Contains(d.flags, "-") {
			out += strings.Repeat(" ", pad)
		} else if pad > 0 {
			out = strings.Repeat(" ", pad) + out
		}
	}
	b.WriteString(out)
	return true
}
