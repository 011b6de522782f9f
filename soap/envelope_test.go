package soap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type testVersionInfo struct {
	XMLName      xml.Name    `xml:"http://schemas.microsoft.com/exchange/services/2006/types ServerVersionInfo"`
	MajorVersion *testNumber `xml:"MajorVersion,attr,omitempty"`
}

func TestReadEnvelope(t *testing.T) {
	for _, name := range []string{"finditem.xml", "finditem-other-prefixes.xml"} {
		var info testVersionInfo
		var got testFindItemResponse
		_, err := ReadEnvelope(bytes.NewReader(fixture(t, name)), nil,
			func(name xml.Name) any {
				if name != info.name() {
					t.Errorf("header %v", name)
				}
				return &info
			},
			func(name xml.Name) (any, error) {
				if want := (xml.Name{Space: MessagesNS, Local: "FindItemResponse"}); name != want {
					t.Errorf("body %v", name)
				}
				return &got, nil
			})
		if err != nil {
			t.Fatal(err)
		}
		var want testEnvelope
		if err := xml.Unmarshal(fixture(t, name), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Body.FindItemResponse, &got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if name == "finditem.xml" && *info.MajorVersion != 15 {
			t.Errorf("header %+v", info)
		}
	}
}

func (testVersionInfo) name() xml.Name {
	return xml.Name{Space: TypesNS, Local: "ServerVersionInfo"}
}

func TestReadEnvelopeSkips(t *testing.T) {
	in := `<e:Envelope xmlns:e="` + EnvelopeNS + `"><e:Header><a><b/></a><c/></e:Header><x/><e:Body><one/><two/></e:Body><e:Body><three/></e:Body></e:Envelope>`
	var seen []string
	stats, err := ReadEnvelope(strings.NewReader(in), nil, nil, func(name xml.Name) (any, error) {
		seen = append(seen, name.Local)
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != 1 || seen[0] != "one" || stats.Unknown != 6 {
		t.Errorf("asked for %v, %d unknown", seen, stats.Unknown)
	}
	// Nobody asked: all skipped.
	if _, err := ReadEnvelope(strings.NewReader(in), nil, nil, nil); err != nil {
		t.Error(err)
	}
}

func TestReadEnvelopeCallbackError(t *testing.T) {
	cause := errors.New("no such operation")
	in := `<e:Envelope xmlns:e="` + EnvelopeNS + `"><e:Body><one/></e:Body></e:Envelope>`
	if _, err := ReadEnvelope(strings.NewReader(in), nil, nil, func(xml.Name) (any, error) { return nil, cause }); err != cause {
		t.Errorf("got %v", err)
	}
}

func TestReadNotSOAP(t *testing.T) {
	for _, tt := range []struct{ in, root string }{
		{"<html><body/></html>", "html"},
		{"<Envelope/>", "Envelope"},
		{`<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>`, "s:Envelope"},
		{`<s:Envelope xmlns:s="` + EnvelopeNS + `"><s:Header/></s:Envelope>`, "Envelope without Body"},
	} {
		_, err := ReadEnvelope(strings.NewReader(tt.in), nil, nil, nil)
		var not *NotSOAPError
		if !errors.As(err, &not) || not.RootName != tt.root {
			t.Errorf("%s: %v", tt.in, err)
		}
	}
	_, err := ReadEnvelope(strings.NewReader(`<s:Envelope xmlns:s="`+EnvelopeNS+`"><s:Body/></s:Envelope><x/>`), nil, nil, nil)
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || syntax.Problem != Trailing {
		t.Errorf("content after the envelope: %v", err)
	}
}

func TestWriteEnvelope(t *testing.T) {
	var b bytes.Buffer
	err := WriteEnvelope(&b,
		[]any{nil, &testVersionInfo{MajorVersion: ptr(testNumber(15))}, (*testVersionInfo)(nil)},
		&testFindItem{Shape: ptr(testText("a < b\x00"))})
	if err != nil {
		t.Fatal(err)
	}
	want := `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">` +
		`<soap:Header><ServerVersionInfo xmlns="http://schemas.microsoft.com/exchange/services/2006/types" MajorVersion="15"></ServerVersionInfo></soap:Header>` +
		`<soap:Body><FindItem xmlns="http://schemas.microsoft.com/exchange/services/2006/messages"><Shape>a &lt; b` + "\uFFFD" + `</Shape></FindItem></soap:Body></soap:Envelope>`
	if b.String() != want {
		t.Errorf("got  %s\nwant %s", b.String(), want)
	}
	b.Reset()
	if err := WriteEnvelope(&b, nil, nil); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "Header") || !strings.Contains(b.String(), "<soap:Body></soap:Body>") {
		t.Errorf("got %s", b.String())
	}
	if err := WriteEnvelope(io.Discard, nil, make(chan int)); err == nil {
		t.Error("a channel was written")
	}
	full := errors.New("full")
	if err := WriteEnvelope(failing{full}, nil, nil); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

func readFault(t *testing.T, doc []byte) *Fault {
	t.Helper()
	var f Fault
	_, err := ReadEnvelope(bytes.NewReader(doc), nil, nil, func(name xml.Name) (any, error) {
		if !IsFault(name) {
			t.Errorf("%v is not taken for a fault", name)
		}
		return &f, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return &f
}

func TestFaults(t *testing.T) {
	const (
		denied = "The account does not have permission to impersonate the requested user."
		busy   = "The server cannot service this request right now. Try again later."
		schema = "The request failed schema validation."
	)
	tests := []struct {
		file string
		want Fault
	}{
		{"fault-impersonation.xml", Fault{FaultCode: "ErrorImpersonateUserDenied", FaultString: denied, ResponseCode: "ErrorImpersonateUserDenied", Message: denied}},
		{"fault-busy.xml", Fault{FaultCode: "ErrorServerBusy", FaultString: busy, ResponseCode: "ErrorServerBusy", Message: busy, BackOff: 297749 * time.Millisecond, HasBackOff: true, Values: map[string]string{"Policy": "Concurrency"}}},
		{"fault-schema.xml", Fault{FaultCode: "ErrorSchemaValidation", FaultString: schema, ResponseCode: "ErrorSchemaValidation", Message: schema, Values: map[string]string{"LineNumber": "3", "LinePosition": "12", "Violation": "The element 'ItemIds' is incomplete."}}},
		{"fault-bare.xml", Fault{FaultCode: "ErrorAccessDenied", FaultString: "no access", ResponseCode: "ErrorAccessDenied"}},
	}
	for _, tt := range tests {
		got := readFault(t, fixture(t, tt.file))
		if diff := cmp.Diff(&tt.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.file, diff)
		}
		if got.Code() != tt.want.ResponseCode || !strings.Contains(got.Error(), tt.want.ResponseCode) {
			t.Errorf("%s: code %s, %v", tt.file, got.Code(), got)
		}
		if got.RetryAfter() != tt.want.BackOff {
			t.Errorf("%s: retry after %v", tt.file, got.RetryAfter())
		}
	}
}

func TestFaultOfOtherServers(t *testing.T) {
	envelope := func(fault string) []byte {
		return []byte(`<S:Envelope xmlns:S="` + EnvelopeNS + `"><S:Body><S:Fault>` + fault + `</S:Fault></S:Body></S:Envelope>`)
	}
	got := readFault(t, envelope(`<faultcode>S:Client</faultcode><faultstring>bad request</faultstring><faultactor>urn:x</faultactor>`))
	if got.Code() != "Client" || got.ResponseCode != "" || got.Error() != "Client: bad request" {
		t.Errorf("got %+v: %v", got, got)
	}
	got = readFault(t, envelope(``))
	if got.Code() != "" || got.Error() != "SOAP fault" {
		t.Errorf("got %+v: %v", got, got)
	}
	// Unknown, and no number: no hot retry, no negative wait.
	for value, asks := range map[string]bool{"0": true, "-5": true, "": false, "soon": false, "99999999999999": false} {
		got = readFault(t, envelope(`<faultcode>ErrorServerBusy</faultcode><detail><MessageXml><Value Name="BackOffMilliseconds">`+value+`</Value></MessageXml></detail>`))
		if got.HasBackOff != asks || got.BackOff != 0 || got.RetryAfter() != 0 {
			t.Errorf("%q: %+v", value, got)
		}
	}
}

func TestWriteFault(t *testing.T) {
	for _, file := range []string{"fault-impersonation.xml", "fault-busy.xml"} {
		doc := fixture(t, file)
		var b bytes.Buffer
		if err := WriteFault(&b, readFault(t, doc)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.TrimSpace(string(doc)), b.String()); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
	for _, f := range []*Fault{
		{},
		{FaultCode: "Client", FaultString: `<"bad"> & worse`},
		{ResponseCode: "ErrorServerBusy", FaultString: "busy", HasBackOff: true},
		{FaultCode: "ErrorX", ResponseCode: "ErrorY", FaultString: "s", Message: "m", Values: map[string]string{"B": "2", "A": "<1>"}},
	} {
		var b bytes.Buffer
		if err := WriteFault(&b, f); err != nil {
			t.Fatal(err)
		}
		got := readFault(t, b.Bytes())
		if got.Code() != f.Code() && f.Code() != "" || got.FaultString != f.FaultString || got.HasBackOff != f.HasBackOff || !cmp.Equal(got.Values, f.Values) {
			t.Errorf("wrote %+v, read %+v", f, got)
		}
	}
}
