package simulator

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// ScriptError is a mistake in a fault script.
type ScriptError struct {
	// File is empty for a script that did not come from one.
	File string
	// Line counts from 1.
	Line int
	// Field is the field that is the matter, with where it is, such as
	// "fault 2: times"; or empty.
	Field   string
	Problem string
}

func (e *ScriptError) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File + ":")
	} else {
		b.WriteString("line ")
	}
	b.WriteString(strconv.Itoa(e.Line) + ": ")
	if e.Field != "" {
		b.WriteString(e.Field + ": ")
	}
	return b.String() + e.Problem
}

// Hint tells where the fields are described.
func (e *ScriptError) Hint() string {
	return `"exconn simulate --help" lists the kinds of faults with their fields, and "go doc github.com/exconn/exconn/simulator" has an example`
}

// FaultScript is a list of faults that was read from a file.
type FaultScript struct {
	// Seed decides, where a fault strikes a share of the requests, which ones.
	// Zero means the simulator's own seed.
	Seed   uint64
	Faults []Fault
}

// maxScript bounds a script, in bytes.
const maxScript = 1 << 20

// ReadFaults reads a fault script from a file. A mistake in it is a
// *ScriptError.
func ReadFaults(path string) (*FaultScript, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading a fault script: %w", err)
	}
	if info.Size() > maxScript {
		return nil, fmt.Errorf("reading a fault script: %s has %d bytes, more than %d", path, info.Size(), maxScript)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading a fault script: %w", err)
	}
	script, err := ParseFaults(text)
	var mistake *ScriptError
	if errors.As(err, &mistake) {
		mistake.File = path
	}
	return script, err
}

// ParseFaults reads a fault script. A mistake in it is a *ScriptError.
func ParseFaults(text []byte) (*FaultScript, error) {
	document, err := locate(text)
	if err != nil {
		return nil, err
	}
	top := document.fields("the script")
	script := &FaultScript{Seed: top.seed("seed")}
	list, ok := top.take("faults")
	entries, isList := list.value.([]located)
	if !ok || !isList {
		top.wrong("faults", "must be there, a list of faults in brackets")
	}
	for i, each := range entries {
		fault, err := readFault(each, fmt.Sprintf("fault %d", i+1))
		if err != nil && top.problem == nil {
			return nil, err
		}
		script.Faults = append(script.Faults, fault)
	}
	top.done()
	if top.problem != nil {
		return nil, top.problem
	}
	return script, nil
}

// Play puts all faults of a script in force. It returns their ids, in order.
func (s *Simulator) Play(script *FaultScript) []int {
	seed := script.Seed
	if seed == 0 {
		seed = s.opts.Seed
	}
	var ids []int
	for i, f := range script.Faults {
		ids = append(ids, s.faults.add(f, seed, i+1))
	}
	return ids
}

// readFault reads one fault: what all kinds have, and what its own has.
func readFault(v located, where string) (Fault, error) {
	f := v.fields(where)
	if name := v.name(); name != "" {
		f.where = fmt.Sprintf("%s (%s)", where, name)
	}
	out := Fault{Name: f.text("name"), Delay: f.duration("delay", 0, 0)}
	if match, ok := f.take("match"); ok {
		m := match.fields(f.where + ": match")
		out.Service = Service(m.word("service", string(EWS), string(Autodiscover), string(Token), string(AnyService)))
		out.Tenant = Tenant(m.word("tenant", string(Server), string(Online)))
		out.Operation, out.Mailbox = m.text("operation"), m.text("mailbox")
		out.Account, out.UserAgent = m.text("account"), m.text("user_agent")
		m.done()
		if f.problem == nil {
			f.problem = m.problem
		}
	}
	if nth := f.count("nth", 1, 0); nth > 0 {
		for _, other := range []string{"skip", "times", "share"} {
			if f.has(other) {
				f.wrong(other, "does not go with nth, which means that one request alone")
			}
		}
		out.Skip, out.Times = nth-1, 1
	}
	if !f.has("nth") {
		out.Skip, out.Times, out.Share = f.count("skip", 0, 0), f.count("times", 1, 0), f.share("share")
	} else {
		f.read["skip"], f.read["times"], f.read["share"] = true, true, true
	}
	f.kind(&out)
	f.done()
	return out, f.problem
}

// name is that of a fault, for the errors about it.
func (l located) name() string {
	members, _ := l.value.([]member)
	i := slices.IndexFunc(members, func(m member) bool { return m.name == "name" })
	if i < 0 {
		return ""
	}
	s, _ := members[i].value.(string)
	return s
}

// kind reads what a fault does.
func (f *fields) kind(out *Fault) {
	name := f.text("kind")
	i := slices.IndexFunc(faultKinds, func(k faultKind) bool { return k.Name == name })
	switch {
	case f.problem != nil:
		return
	case name == "":
		f.wrong("kind", "must be there, one of %s", kindNames())
		return
	case i < 0:
		f.wrong("kind", "%q is none of %s", name, kindNames())
		return
	}
	out.Kind = name
	kind := faultKinds[i]
	if kind.ewsAlone && out.Service != "" && out.Service != EWS {
		f.wrong("kind", "%s is an answer of EWS, and none of the service %s", name, out.Service)
	}
	kind.read(f, out)
}

func kindNames() string {
	var names []string
	for _, k := range faultKinds {
		names = append(names, k.Name)
	}
	return strings.Join(names, ", ")
}
