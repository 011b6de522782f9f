package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// located is a JSON value that knows in which line it stands, so that whoever
// wrote it can be told where a mistake is.
type located struct {
	line int
	// value is nil, a bool, a json.Number, a string, a []located or a
	// []member.
	value any
}

// member is a name of an object with its value.
type member struct {
	name string
	line int
	located
}

// word says of what kind the value is.
func (l located) word() string {
	switch l.value.(type) {
	case bool:
		return "true or false"
	case json.Number:
		return "a number"
	case string:
		return "a text"
	case []located:
		return "a list"
	case []member:
		return "an object"
	}
	return "null"
}

// maxDepth bounds how deep values are nested.
const maxDepth = 20

// locate reads one JSON document. Its errors are *ScriptError without a file.
func locate(document []byte) (located, error) {
	l := locator{text: document, json: json.NewDecoder(bytes.NewReader(document))}
	l.json.UseNumber()
	v, err := l.next(0)
	if err != nil {
		return v, err
	}
	if _, err := l.json.Token(); !errors.Is(err, io.EOF) {
		return v, l.problem("something follows the end of the script")
	}
	return v, nil
}

type locator struct {
	text []byte
	json *json.Decoder
}

// line is the line of the value or name that comes next.
func (l *locator) line() int { return l.lineBehind(" \t\r\n,:") }

// lineBehind is the line of what comes next behind these characters.
func (l *locator) lineBehind(skipped string) int {
	at := int(l.json.InputOffset())
	for at < len(l.text) && strings.IndexByte(skipped, l.text[at]) >= 0 {
		at++
	}
	return l.lineAt(at)
}

func (l *locator) lineAt(offset int) int {
	return 1 + bytes.Count(l.text[:min(offset, len(l.text))], []byte("\n"))
}

func (l *locator) problem(text string) error { return &ScriptError{Line: l.line(), Problem: text} }

func (l *locator) token() (json.Token, error) {
	token, err := l.json.Token()
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return token, nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &ScriptError{Line: l.lineAt(len(l.text)), Problem: "the script ends too early: a bracket or a quotation mark is missing"}
	case errors.As(err, &syntax):
		return nil, &ScriptError{Line: l.lineBehind(" \t\r\n"), Problem: "this is not JSON: " + syntax.Error()}
	}
	return nil, l.problem(err.Error())
}

func (l *locator) next(depth int) (located, error) {
	out := located{line: l.line()}
	if depth > maxDepth {
		return out, l.problem("nested deeper than " + strconv.Itoa(maxDepth))
	}
	token, err := l.token()
	if err != nil {
		return out, err
	}
	switch token {
	case json.Delim('['):
		list := []located{}
		for l.json.More() {
			v, err := l.next(depth + 1)
			if err != nil {
				return out, err
			}
			list = append(list, v)
		}
		_, err = l.token()
		out.value = list
	case json.Delim('{'):
		out.value, err = l.members(depth)
	default:
		out.value = token
	}
	return out, err
}

func (l *locator) members(depth int) ([]member, error) {
	members := []member{}
	seen := map[string]bool{}
	for l.json.More() {
		line := l.line()
		token, err := l.token()
		if err != nil {
			return nil, err
		}
		name, ok := token.(string)
		switch {
		case !ok:
			return nil, &ScriptError{Line: line, Problem: "a name in quotation marks is missing"}
		case seen[name]:
			return nil, &ScriptError{Line: line, Field: name, Problem: "the field is there twice"}
		}
		seen[name] = true
		v, err := l.next(depth + 1)
		if err != nil {
			return nil, err
		}
		members = append(members, member{name, line, v})
	}
	_, err := l.token()
	return members, err
}
