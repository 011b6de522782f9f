package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/exconn/exconn/connection"
)

// flagOf is the flag by which a field is given, where its name differs from the
// field's by more than its dashes.
var flagOf = map[string]string{
	"allow_mailboxes": "allow-mailbox",
	"auth":            "auth-name",
	"certificate":     "certificate-file",
	"client_secret":   "client-secret-file",
	"login":           "auth",
	"method":          "auth",
	"password":        "password-file",
	"on_failure_key":  "on-failure-key-file",
}

// fieldErrors are the problems of a profile as one who types flags knows them.
type fieldErrors struct {
	err    error
	fields connection.FieldErrors
}

// byFlags returns err worded by flags where it tells problems of a profile's
// fields, and err itself otherwise.
func byFlags(err error) error {
	var fields connection.FieldErrors
	var one *connection.FieldError
	switch {
	case errors.As(err, &fields) && len(fields) > 0:
	case errors.As(err, &one):
		fields = connection.FieldErrors{one}
	default:
		return err
	}
	return &fieldErrors{err: err, fields: fields}
}

func (e *fieldErrors) Error() string {
	var list []string
	for _, f := range e.fields {
		if f.Field == "auth" && e.has("name", f.Given) {
			continue // it is called as the connection is
		}
		flag := "--" + strings.ReplaceAll(f.Field, "_", "-")
		if name, ok := flagOf[f.Field]; ok {
			flag = "--" + name
		}
		if f.Given != "" {
			flag += fmt.Sprintf(" %q", f.Given)
		}
		list = append(list, flag+": "+f.Problem)
	}
	text := strings.Join(list, "\n  ")
	if len(list) > 1 {
		text = fmt.Sprintf("%d problems:\n  %s", len(list), text)
	}
	// What was said around the problems stays.
	return strings.Replace(e.err.Error(), e.fields.Error(), text, 1)
}

func (e *fieldErrors) has(field, given string) bool {
	for _, f := range e.fields {
		if f.Field == field && f.Given == given {
			return true
		}
	}
	return false
}

func (e *fieldErrors) Unwrap() error { return e.err }

// inviteHints are for the fields of invitations, which "connection new" does not
// have.
var inviteHints = map[string]string{
	"base_url":     "it is the address that the links begin with: --base-url https://crm.example.com/exconn",
	"connection":   "name the connection to sign in to: --connection NAME",
	"sign_in_name": "the second column of --users-file is for those who sign in by another name than their address",
	"user":         "name the user by his address: --user anna@example.com",
	"valid":        "write it in hours: --valid 168h",
}

// Hint names what mends most of them.
func (e *fieldErrors) Hint() string {
	for _, f := range e.fields {
		switch {
		case inviteHints[f.Field] != "":
			return inviteHints[f.Field]
		case f.Field == "mailbox":
			return "name the mailbox by its address: --mailbox anna@example.com"
		case f.Field == "ews_url" && strings.HasPrefix(strings.ToLower(f.Given), "http://"):
			return "use https; where the network in between is trusted with everything, --insecure-http allows it"
		case f.Field == "name" && f.Given != "" && len(e.fields) == 1 && strings.Contains(f.Problem, "exconn connection"):
			return "" // it says what to type itself
		}
	}
	return "exconn connection new --help tells what each flag takes; connection edit takes the same"
}
