package soap

import (
	"encoding/base64"
	"encoding/binary"
)

// The value of each character of base64, already where it belongs in a group
// of four; badChar marks those that are none. One look at a table for each
// character, and one test for sixteen of them, is several times as fast as
// encoding/base64, which has to mind alphabets and line ends.
var base64First, base64Second, base64Third, base64Fourth = base64Tables()

const (
	badChar  = 1 << 31
	alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)

func base64Tables() (first, second, third, fourth [256]uint32) {
	for i := range first {
		first[i], second[i], third[i], fourth[i] = badChar, badChar, badChar, badChar
	}
	for v, c := range []byte(alphabet) {
		first[c], second[c], third[c], fourth[c] = uint32(v)<<18, uint32(v)<<12, uint32(v)<<6, uint32(v)
	}
	return first, second, third, fourth
}

// decodeGroups decodes whole groups of four characters until there is none any
// more or one has something other than the alphabet's characters in it, be it
// padding. It returns how many characters were used and how many bytes were
// made of them. dst must have room for all of src, and eight bytes more.
func decodeGroups(dst, src []byte) (used, made int) {
	for len(src)-used >= 16 && len(dst)-made >= 16 {
		s := src[used : used+16 : used+16]
		a := base64First[s[0]] | base64Second[s[1]] | base64Third[s[2]] | base64Fourth[s[3]]
		b := base64First[s[4]] | base64Second[s[5]] | base64Third[s[6]] | base64Fourth[s[7]]
		c := base64First[s[8]] | base64Second[s[9]] | base64Third[s[10]] | base64Fourth[s[11]]
		e := base64First[s[12]] | base64Second[s[13]] | base64Third[s[14]] | base64Fourth[s[15]]
		if (a|b|c|e)&badChar != 0 {
			break
		}
		d := dst[made : made+16 : made+16]
		binary.BigEndian.PutUint64(d, uint64(a)<<40|uint64(b)<<16)
		binary.BigEndian.PutUint64(d[6:], uint64(c)<<40|uint64(e)<<16)
		used += 16
		made += 12
	}
	for len(src)-used >= 4 && len(dst)-made >= 3 {
		s := src[used : used+4 : used+4]
		a := base64First[s[0]] | base64Second[s[1]] | base64Third[s[2]] | base64Fourth[s[3]]
		if a&badChar != 0 {
			break
		}
		d := dst[made : made+3 : made+3]
		d[0], d[1], d[2] = byte(a>>16), byte(a>>8), byte(a)
		used += 4
		made += 3
	}
	return used, made
}

// The two characters for twelve bits, in the order of memory.
var base64Pairs = func() (pairs [1 << 12]uint16) {
	for i := range pairs {
		pairs[i] = uint16(alphabet[i>>6]) | uint16(alphabet[i&63])<<8
	}
	return pairs
}()

// encodeBase64 writes src in base64, padded, and returns how many characters
// that makes. dst must have room for them.
func encodeBase64(dst, src []byte) int {
	made := 0
	for len(src) >= 8 && len(dst)-made >= 8 {
		x := binary.BigEndian.Uint64(src)
		binary.LittleEndian.PutUint64(dst[made:], uint64(base64Pairs[x>>52])|
			uint64(base64Pairs[x>>40&0xfff])<<16|
			uint64(base64Pairs[x>>28&0xfff])<<32|
			uint64(base64Pairs[x>>16&0xfff])<<48)
		src = src[6:]
		made += 8
	}
	base64.StdEncoding.Encode(dst[made:], src)
	return made + base64.StdEncoding.EncodedLen(len(src))
}
