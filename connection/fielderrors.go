package connection

import (
	"fmt"
	"strings"

	"github.com/exconn/exconn/mailbox"
)

// FieldError says what is wrong with one field of a profile or its
// authentication object. It Is mailbox.ErrInvalid.
type FieldError struct {
	// Field is the field's name as JSON has it, such as "ews_url".
	Field string `json:"field"`
	// Given is the value; empty where there is none, or where it is a secret.
	Given string `json:"given,omitempty"`
	// Problem says what is wrong and what is allowed.
	Problem string `json:"problem"`
}

func (e *FieldError) Error() string {
	if e.Given == "" {
		return e.Field + ": " + e.Problem
	}
	return fmt.Sprintf("%s %q: %s", e.Field, e.Given, e.Problem)
}

// Is reports true for mailbox.ErrInvalid.
func (e *FieldError) Is(target error) bool { return target == mailbox.ErrInvalid }

// FieldErrors are all the problems of a profile at once.
type FieldErrors []*FieldError

func (e FieldErrors) Error() string {
	var b strings.Builder
	for i, f := range e {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(f.Error())
	}
	return b.String()
}

// Is reports true for mailbox.ErrInvalid.
func (e FieldErrors) Is(target error) bool { return target == mailbox.ErrInvalid }

// Unwrap returns each problem.
func (e FieldErrors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, f := range e {
		errs[i] = f
	}
	return errs
}

// problems gathers field errors.
type problems struct{ list FieldErrors }

func (p *problems) add(field, given, format string, args ...any) {
	p.list = append(p.list, &FieldError{Field: field, Given: given, Problem: fmt.Sprintf(format, args...)})
}

// oneOf adds a problem where given is not among the allowed values.
func oneOf[T ~string](p *problems, field string, given T, allowed ...T) {
	var names []string
	for _, a := range allowed {
		if given == a {
			return
		}
		names = append(names, string(a))
	}
	problem := "is not known"
	if given == "" {
		problem = "is missing"
	}
	p.add(field, string(given), "%s; allowed are %s", problem, strings.Join(names, ", "))
}

// err returns the problems as an error, or nil where there are none.
func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	return p.list
}
