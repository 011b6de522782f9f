package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	head = `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">`
	tail = `</s:Envelope>`
)

// schemas is a folder with a schema for one message and one header.
func schemas(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("xmllint is missing; make deps installs it")
		}
		t.Skip("xmllint is missing; make deps installs it")
	}
	dir := t.TempDir()
	for name, element := range map[string]string{
		"messages": `<xs:element name="Ask"><xs:complexType><xs:attribute name="Count" type="xs:int" use="required"/></xs:complexType></xs:element>`,
		"types":    `<xs:element name="Version" type="xs:int"/>`,
	} {
		text := `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://schemas.microsoft.com/exchange/services/2006/` + name + `">` + element + `</xs:schema>`
		if err := os.WriteFile(filepath.Join(dir, name+".xsd"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestValidate(t *testing.T) {
	schema := schemas(t)
	for _, test := range []struct {
		name, envelope, problem string
	}{
		{"good", head + `<s:Header><t:Version>1</t:Version><x:Other xmlns:x="urn:x"/></s:Header><s:Body><m:Ask Count="1"/></s:Body>` + tail, ""},
		{"default namespace", head + `<s:Body xmlns="http://schemas.microsoft.com/exchange/services/2006/messages"><Ask xmlns:y="urn:y" Count="1"/></s:Body>` + tail, ""},
		{"fault", head + `<s:Body><s:Fault><faultcode>a</faultcode><faultstring>b</faultstring></s:Fault></s:Body>` + tail, ""},
		{"attribute", head + `<s:Body><m:Ask Count="many"/></s:Body>` + tail, "Count"},
		{"header", head + `<s:Header><t:Version>new</t:Version></s:Header><s:Body><m:Ask Count="1"/></s:Body>` + tail, "Version"},
		{"unknown", head + `<s:Body><m:Tell/></s:Body>` + tail, "Tell"},
		{"two", head + `<s:Body><m:Ask Count="1"/><m:Ask Count="1"/></s:Body>` + tail, "one child"},
		{"cut", head + `<s:Body><m:Ask Count="1"/>`, "cut off"},
		{"behind", head + `<s:Body><m:Ask Count="1"/></s:Body>` + tail + "x", "outside"},
		{"poor fault", head + `<s:Body><s:Fault><faultcode>a</faultcode></s:Fault></s:Body>` + tail, "faultstring"},
		{"stranger", head + `<s:Body><x:Ask xmlns:x="urn:x"/></s:Body>` + tail, "the Body holds Ask"},
		{"undeclared", head + `<s:Body><x:Ask/></s:Body>` + tail, "not declared"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "a.xml"), []byte(test.envelope), 0o600); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			err := validate(t.Context(), &out, filepath.Join(dir, pattern("")), schema, "", 0)
			if (err != nil) != (test.problem != "") || !strings.Contains(out.String(), test.problem) {
				t.Errorf("%v: %s", err, &out)
			}
		})
	}
}

// What tells a type by xsi:type is not shown to the reference program.
func TestTyped(t *testing.T) {
	e, err := parse([]byte(head + `<s:Body xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><m:Ask><t:Id i:type="t:Kind"/></m:Ask></s:Body>` + tail))
	if err != nil || !e.typed {
		t.Errorf("typed is %v, error %v", e != nil && e.typed, err)
	}
	if e, err = parse([]byte(head + `<s:Body><m:Ask type="x"/></s:Body>` + tail)); err != nil || e.typed {
		t.Errorf("typed is %v, error %v", e != nil && e.typed, err)
	}
}

// A reference program that finds fault is believed, and a folder without
// envelopes is no success.
func TestReference(t *testing.T) {
	schema, dir := schemas(t), t.TempDir()
	program := filepath.Join(dir, "judge")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nfor f; do echo \"$f: INVALID\"; echo '    it is ugly'; done\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := validate(t.Context(), &out, filepath.Join(dir, pattern("")), schema, program, 9); err == nil {
		t.Error("an empty folder is valid")
	}
	good := head + `<s:Body><m:Ask Count="1"/></s:Body>` + tail
	for _, name := range []string{"a.xml", "b.xml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(good), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := validate(t.Context(), &out, filepath.Join(dir, pattern("")), schema, program, 9); err == nil || !strings.Contains(out.String(), "it is ugly") {
		t.Errorf("%v: %s", err, &out)
	}
}
