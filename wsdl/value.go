package wsdl

// Ptr returns a pointer to v, for the optional fields of the generated types.
func Ptr[T any](v T) *T { return &v }

// Val returns what p points to, or the zero value where it is nil.
func Val[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// Str returns the text that p points to, or "" where it is nil.
func Str[T ~string](p *T) string {
	if p == nil {
		return ""
	}
	return string(*p)
}

// NewText returns an optional text field: nil for "".
func NewText(s string) *Text {
	if s == "" {
		return nil
	}
	return Ptr(Text(s))
}
