package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// decoders are the ways to read a document that lies in memory, by name. Each
// makes one pass.
var decoders = map[string]func(doc []byte) error{
	"soap":         decodeSOAP,
	"encoding/xml": decodeOracle,
	"io.ReadAll": func(doc []byte) error {
		// Hidden behind a plain Reader, so that it is read and not handed over.
		_, err := io.ReadAll(struct{ io.Reader }{bytes.NewReader(doc)})
		return err
	},
}

// answers returns a new value for the body of an answer, by the name of its
// element.
func answers(local string) any {
	switch local {
	case "FindItemResponse":
		return new(wsdl.FindItemResponse)
	case "GetItemResponse":
		return new(wsdl.GetItemResponse)
	case "GetAttachmentResponse":
		return new(wsdl.GetAttachmentResponse)
	}
	return nil
}

// decodeSOAP decodes an envelope as the client does: the content of
// attachments goes to a writer.
func decodeSOAP(doc []byte) error {
	_, err := readEnvelope(doc, func() io.Writer { return io.Discard })
	return err
}

func readEnvelope(doc []byte, binary func() io.Writer) (body any, err error) {
	_, err = soap.ReadEnvelope(struct{ io.Reader }{bytes.NewReader(doc)}, &soap.DecodeOptions{Binary: binary}, nil,
		func(name xml.Name) (any, error) {
			if body = answers(name.Local); body == nil {
				return nil, fmt.Errorf("no type for %s", name.Local)
			}
			return body, nil
		})
	return body, err
}

// decodeOracle decodes an envelope by encoding/xml into the same types.
func decodeOracle(doc []byte) error {
	_, err := readOracle(doc)
	return err
}

func readOracle(doc []byte) (any, error) {
	var envelope struct {
		Body struct {
			FindItemResponse      *wsdl.FindItemResponse
			GetItemResponse       *wsdl.GetItemResponse
			GetAttachmentResponse *wsdl.GetAttachmentResponse
		}
	}
	if err := xml.Unmarshal(doc, &envelope); err != nil {
		return nil, err
	}
	switch b := envelope.Body; {
	case b.FindItemResponse != nil:
		return b.FindItemResponse, nil
	case b.GetItemResponse != nil:
		return b.GetItemResponse, nil
	case b.GetAttachmentResponse != nil:
		return b.GetAttachmentResponse, nil
	}
	return nil, errors.New("an answer of an unknown kind")
}

// allocationsPerItem counts the allocations of decoding a page of n items.
func allocationsPerItem(page []byte, n int) (float64, error) {
	var before, after runtime.MemStats
	// Once, so that what is made once and for all is there.
	if err := decodeSOAP(page); err != nil {
		return 0, err
	}
	runtime.ReadMemStats(&before)
	if err := decodeSOAP(page); err != nil {
		return 0, err
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(n), nil
}

// passResult is what a decoder prints, ours and those in C.
type passResult struct {
	// CPU is the processor time of one pass, in nanoseconds, in the program and
	// in the kernel, the garbage collector's included.
	CPU float64 `json:"cpu_ns"`
}

// decodeWorker is the hidden command "decode WAY FILE PASSES". It runs in a
// process of its own, so that nothing else is measured.
func decodeWorker(args []string) error {
	if len(args) != 3 {
		return errors.New("decode needs WAY FILE PASSES")
	}
	decode, ok := decoders[args[0]]
	if !ok {
		return fmt.Errorf("no way to decode is called %q", args[0])
	}
	doc, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	passes, err := strconv.Atoi(args[2])
	if err != nil || passes < 1 {
		return fmt.Errorf("%q is no number of passes", args[2])
	}
	if err := decode(doc); err != nil {
		return err
	}
	before := processorTime()
	for range passes {
		if err := decode(doc); err != nil {
			return err
		}
	}
	took := processorTime() - before
	return json.NewEncoder(os.Stdout).Encode(passResult{CPU: float64(took) / float64(passes) / float64(time.Nanosecond)})
}
