package soap

import "reflect"

// An answer is made of very many very small values: a pointer to each text,
// number and truth value. slabs makes them a handful at a time. What is made
// together is freed together, so the handfuls are small: a caller that keeps
// one id of an answer keeps a kilobyte or two with it, not the answer.
type slabs struct {
	strings []string
	bools   []bool
	int32s  []int32
	count   int // handed out

	text []byte // see keep
}

const (
	slabSize  = 32
	textSlab  = 1 << 10
	longText  = 256 // bytes; from there on a text has memory of its own
	firstSlab = 4
)

// scalar returns the place of a new scalar for a text of n bytes.
func (s *slabs) scalar(p *plan, n int) place {
	if !p.readsText {
		switch p.scalar {
		case reflect.String:
			if n < longText {
				return place(take(&s.strings, &s.count))
			}
		case reflect.Bool:
			return place(take(&s.bools, &s.count))
		case reflect.Int32:
			return place(take(&s.int32s, &s.count))
		}
	}
	return p.make()
}

func take[T any](slab *[]T, count *int) *T {
	if len(*slab) == 0 {
		// A small answer needs few.
		*slab = make([]T, max(firstSlab, min(*count/2, slabSize)))
	}
	*count++
	v := &(*slab)[0]
	*slab = (*slab)[1:]
	return v
}

// keep makes a string of a text. Texts repeat: the same folder, the same
// class. So it is the string that was made for the same field before, if that
// is the same.
func (d *Decoder) keep(b []byte, last *string) string {
	switch {
	case len(b) == 0:
		return ""
	case len(b) >= longText:
		return string(b)
	case last != nil && *last == string(b):
		return *last
	}
	s := d.slabs.copyText(b)
	if last != nil {
		*last = s
	}
	return s
}

// copyText makes a string that shares its memory with others.
func (s *slabs) copyText(b []byte) string {
	if cap(s.text)-len(s.text) < len(b) {
		s.text = make([]byte, 0, max(len(b), min(16*s.count, textSlab)))
	}
	from := len(s.text)
	s.text = append(s.text, b...)
	return stringOf(s.text[from:])
}
