package interp

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/bits"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// hashFunctions hash values.
var hashFunctions = []*function{
	{name: "hash hash_xxhash64", sig: "plain int?", ret: "long", doc: "xxHash64 of a value, modulo a number", fn: func(c *call, a []any) any {
		h := int64(xxHash64(hashedBytes(a[0], c.args[0].typ)))
		if c.n > 1 {
			m := a[1].(int64)
			if m <= 0 {
				return nil
			}
			return modInt(h, m)
		}
		return h
	}},
	{name: "hash_md5", sig: "plain", ret: "string", doc: "MD5 of a value's text", fn: func(c *call, a []any) any {
		h := md5.Sum([]byte(text(a[0])))
		return hex.EncodeToString(h[:])
	}},
	{name: "hash_sha1", sig: "plain", ret: "string", doc: "SHA-1 of a value's text", fn: func(c *call, a []any) any {
		h := sha1.Sum([]byte(text(a[0])))
		return hex.EncodeToString(h[:])
	}},
	{name: "hash_sha256", sig: "plain", ret: "string", doc: "SHA-256 of a value's text", fn: func(c *call, a []any) any {
		h := sha256.Sum256([]byte(text(a[0])))
		return hex.EncodeToString(h[:])
	}},
}

// hashedBytes is what hash() hashes: UTF-8 of strings, the little-endian bytes of other values (examples of the page
// hash-function).
func hashedBytes(v any, t syntax.Type) []byte {
	switch v := v.(type) {
	case int64:
		if t == tInt {
			return binary.LittleEndian.AppendUint32(nil, uint32(v))
		}
		return binary.LittleEndian.AppendUint64(nil, uint64(v))
	case float64:
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(v))
	case datetime:
		return binary.LittleEndian.AppendUint64(nil, uint64(v))
	case timespan:
		return binary.LittleEndian.AppendUint64(nil, uint64(v))
	case bool:
		return []byte{byte(boolNumber(v))}
	}
	return []byte(text(v))
}

const (
	xxPrime1 = 11400714785074694791
	xxPrime2 = 14029467366897019727
	xxPrime3 = 1609587929392839161
	xxPrime4 = 9650029242287828579
	xxPrime5 = 2870177450012600261
)

// xxHash64 is the XXH64 algorithm with seed 0.
func xxHash64(b []byte) uint64 {
	n := uint64(len(b))
	var h uint64
	if len(b) >= 32 {
		p1, p2 := uint64(xxPrime1), uint64(xxPrime2)
		v := [4]uint64{p1 + p2, p2, 0, -p1}
		for len(b) >= 32 {
			for i := range v {
				v[i] = xxRound(v[i], binary.LittleEndian.Uint64(b[8*i:]))
			}
			b = b[32:]
		}
		h = bits.RotateLeft64(v[0], 1) + bits.RotateLeft64(v[1], 7) + bits.RotateLeft64(v[2], 12) + bits.RotateLeft64(v[3], 18)
		for _, x := range v {
			h = (h^xxRound(0, x))*xxPrime1 + xxPrime4
		}
	} else {
		h = xxPrime5
	}
	h += n
	for ; len(b) >= 8; b = b[8:] {
		h ^= xxRound(0, binary.LittleEndian.Uint64(b))
		h = bits.RotateLeft64(h, 27)*xxPrime1 + xxPrime4
	}
	if len(b) >= 4 {
		h ^= uint64(binary.LittleEndian.Uint32(b)) * xxPrime1
		h = bits.RotateLeft64(h, 23)*xxPrime2 + xxPrime3
		b = b[4:]
	}
	for _, c := range b {
		h ^= uint64(c) * xxPrime5
		h = bits.RotateLeft64(h, 11) * xxPrime1
	}
	h ^= h >> 33
	h *= xxPrime2
	h ^= h >> 29
	h *= xxPrime3
	return h ^ h>>32
}

func xxRound(acc, in uint64) uint64 {
	return bits.RotateLeft64(acc+in*xxPrime2, 31) * xxPrime1
}
