// Command validate holds the envelopes in a folder against Exchange's schema,
// which is not part of this project: types.xsd and messages.xsd in the folder
// that -schema names. -part response holds the answers alone against it: what
// other people's clients ask is their affair.
//
// Every child of a Header that is Exchange's is held against types.xsd, and the
// child of a Body against messages.xsd. The schemas are read once for all, so
// that thousands of envelopes take seconds. -reference names a program that
// judges envelopes one by one; it is given one of each shape, -sample at most.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	schema := flag.String("schema", "", "the `folder` with types.xsd and messages.xsd")
	reference := flag.String("reference", "", "a `program` that judges the files it is given")
	kind := flag.String("part", "", "request or response: judge those alone")
	sample := flag.Int("sample", 200, "how many files the reference program is given at most")
	flag.Parse()
	if *schema == "" || flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: validate -schema DIR [-part request|response] [-reference PROGRAM [-sample N]] DIR")
		os.Exit(2)
	}
	if err := validate(context.Background(), os.Stdout, filepath.Join(flag.Arg(0), pattern(*kind)), *schema, *reference, *sample); err != nil {
		fmt.Fprintln(os.Stderr, "validate:", err)
		os.Exit(1)
	}
}

// pattern finds the files of one part of each exchange, or all.
func pattern(part string) string {
	if part == "" {
		return "*.xml"
	}
	return "*-" + part + "*.xml"
}

func validate(ctx context.Context, out io.Writer, glob, schema, reference string, sample int) error {
	files, err := filepath.Glob(glob)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("no envelopes: %s finds no file", glob)
	}
	work, err := os.MkdirTemp("", "envelopes")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)

	v := &validation{work: work, problems: map[string][]string{}, shapes: map[string]string{}}
	for _, file := range files {
		if err := v.take(file); err != nil {
			return err
		}
	}
	for _, name := range []string{"types.xsd", "messages.xsd"} {
		if err := v.lint(ctx, filepath.Join(schema, name), v.parts[name]); err != nil {
			return err
		}
	}
	if reference != "" {
		if err := v.refer(ctx, reference, sample); err != nil {
			return err
		}
	}
	bad := 0
	for _, file := range files {
		if found := v.problems[file]; len(found) > 0 {
			bad++
			fmt.Fprintf(out, "%s\n\t%s\n", file, strings.Join(found[:min(5, len(found))], "\n\t"))
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d envelopes are not valid by Exchange's schema", bad, len(files))
	}
	fmt.Fprintf(out, "%d envelopes of %d shapes are valid by Exchange's schema", len(files), len(v.shapes))
	if reference != "" {
		fmt.Fprintf(out, ", %d of them by %s too", min(sample, len(v.shapes)), filepath.Base(reference))
	}
	fmt.Fprintln(out)
	return nil
}

// validation is one run.
type validation struct {
	work     string
	parts    map[string][]part   // by schema
	problems map[string][]string // by file
	shapes   map[string]string   // one file of each shape
}

// part is a piece of an envelope, written to a file of its own.
type part struct{ file, envelope string }

// take cuts a file into what the schemas describe.
func (v *validation) take(file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	e, err := parse(content)
	if err != nil {
		v.problems[file] = append(v.problems[file], err.Error())
		return nil
	}
	// The reference program loses the prefix that an xsi:type refers to, and
	// calls what has one invalid.
	if _, seen := v.shapes[e.shape]; !seen && !e.typed {
		v.shapes[e.shape] = file
	}
	if v.parts == nil {
		v.parts = map[string][]part{}
	}
	for _, p := range e.pieces {
		name := filepath.Join(v.work, fmt.Sprintf("%d-%s.xml", len(v.parts[p.schema]), p.schema))
		if err := os.WriteFile(name, p.content, 0o600); err != nil {
			return err
		}
		v.parts[p.schema] = append(v.parts[p.schema], part{name, file})
	}
	return nil
}

// lint runs xmllint over many files at once.
func (v *validation) lint(ctx context.Context, schema string, parts []part) error {
	const atOnce = 500 // arguments have a limit
	for chunk := range slices.Chunk(parts, atOnce) {
		args := []string{"--huge", "--noout", "--schema", schema}
		envelopes := map[string]string{}
		for _, p := range chunk {
			args = append(args, p.file)
			envelopes[p.file] = p.envelope
		}
		var talk bytes.Buffer
		cmd := exec.CommandContext(ctx, "xmllint", args...)
		cmd.Stderr = &talk
		err := cmd.Run()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			return fmt.Errorf("xmllint (of Debian's libxml2-utils): %w", err)
		}
		judged := 0
		for line := range strings.Lines(talk.String()) {
			line = strings.TrimSpace(line)
			name, problem, ok := strings.Cut(line, ".xml")
			envelope, known := envelopes[name+".xml"]
			switch {
			case !ok || !known:
				// The line that an error is in, and a mark beneath it.
			case problem == " validates":
				judged++
			case problem == " fails to validate":
				judged++
				if len(v.problems[envelope]) == 0 {
					v.problems[envelope] = []string{"fails to validate"}
				}
			default:
				const enough = 300 // an enumeration is told whole otherwise
				problem = strings.TrimPrefix(problem, ":")
				v.problems[envelope] = append(v.problems[envelope], problem[:min(enough, len(problem))])
			}
		}
		if judged != len(chunk) {
			return fmt.Errorf("xmllint judged %d of %d pieces: %s", judged, len(chunk), talk.String()[:min(talk.Len(), 2000)])
		}
	}
	return nil
}

// refer has another program judge one file of each shape.
func (v *validation) refer(ctx context.Context, program string, sample int) error {
	var files []string
	for _, file := range v.shapes {
		files = append(files, file)
	}
	slices.Sort(files)
	if len(files) > sample {
		// Spread over the suite, the same ones every time.
		spread := make([]string, sample)
		for i := range spread {
			spread[i] = files[i*len(files)/sample]
		}
		files = spread
	}
	out, err := exec.CommandContext(ctx, program, files...).Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	if err != nil {
		name := ""
		for line := range strings.Lines(string(out)) {
			line = strings.TrimRight(line, "\n")
			if !strings.HasPrefix(line, " ") {
				var verdict string
				name, verdict, _ = strings.Cut(line, ": ")
				if verdict != "valid" && verdict != "passed over" {
					v.problems[name] = append(v.problems[name], filepath.Base(program)+": "+verdict)
				}
				continue
			}
			v.problems[name] = append(v.problems[name], strings.TrimSpace(line))
		}
	}
	return nil
}
