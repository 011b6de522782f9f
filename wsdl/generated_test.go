package wsdl

import (
	"encoding/xml"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// source is what generated.go declares: the names of its structs, and the
// values of its enumerations by type.
type source struct {
	structs map[string]bool
	enums   map[string]string
}

func readSource(t *testing.T) source {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "generated.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := source{structs: map[string]bool{}, enums: map[string]string{}}
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range group.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if _, ok := spec.Type.(*ast.StructType); ok && ast.IsExported(spec.Name.Name) {
					s.structs[spec.Name.Name] = true
				}
			case *ast.ValueSpec:
				name, ok := spec.Type.(*ast.Ident)
				if !ok || len(spec.Values) == 0 {
					continue
				}
				value, _ := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				s.enums[name.Name] = value // the last one will do
			}
		}
	}
	return s
}

// filler makes values in which every field is set, down to a depth at which
// types that hold themselves stop.
type filler struct {
	source source
	seen   map[string]bool
	// unknown are the Go types that it has no value for.
	unknown []string
}

func (f *filler) fill(v reflect.Value, depth int) {
	t := v.Type()
	if t.PkgPath() == reflect.TypeFor[Text]().PkgPath() {
		f.seen[t.Name()] = true
	}
	switch list := v.Addr().Interface().(type) {
	case mixed:
		f.fillMixed(list, depth)
		return
	case *Base64Content:
		list.Data = []byte("content of a file")
		list.Read = int64(len(list.Data))
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).Type == reflect.TypeFor[xml.Name]() {
				continue
			}
			f.field(v.Field(i), depth)
		}
	case reflect.String:
		if value, ok := f.source.enums[t.Name()]; ok {
			v.SetString(value)
			return
		}
		v.SetString(map[string]string{"Base64Text": "Zm9v", "DateTimeText": "2026-11-20T08:00:00Z", "DateText": "2026-11-20", "DurationText": "PT0S"}[t.Name()])
		if v.String() == "" {
			v.SetString(`ä < & "text"`)
		}
	case reflect.Bool, reflect.Int32, reflect.Int64, reflect.Float64:
		// Zero and false are what must not get lost.
	default:
		f.unknown = append(f.unknown, t.String())
	}
}

// judge fails the test where something could not be filled.
func (f *filler) judge(t *testing.T) {
	t.Helper()
	for _, name := range f.unknown {
		t.Errorf("no value is known for %s", name)
	}
}

func (f *filler) field(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Pointer:
		if depth == 0 && v.Type().Elem().Kind() == reflect.Struct {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), depth-1)
	case reflect.Slice:
		if depth == 0 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			f.field(v.Index(i), depth)
		}
	case reflect.String:
		v.SetString("plain")
	default:
		f.unknown = append(f.unknown, "a field of "+v.Type().String())
	}
}

// fillMixed puts every kind of child into a list, twice, in an order that
// separate slices could not keep.
func (f *filler) fillMixed(list mixed, depth int) {
	if depth <= 0 {
		return
	}
	for range 2 {
		for _, name := range mixedNames(list) {
			f.fill(reflect.ValueOf(list.DecodeChild(xml.Name{Local: name})).Elem(), depth-1)
		}
	}
}

func mixedNames(list mixed) []string {
	var k kinds
	switch list.(type) {
	case *ItemList, *Items:
		k = itemKinds
	case *FolderList, *Folders:
		k = folderKinds
	case *AttachmentList:
		k = attachmentKinds
	case *UpdateList:
		k = updateKinds
	case *ItemIdList:
		k = itemIdKinds
	case *FolderIdList, *FolderIds:
		k = folderIdKinds
	case *FolderUpdateList:
		k = folderUpdateKinds
	case *UploadItemList:
		k = uploadItemKinds
	case *NotificationType, *Notification:
		return []string{"CreatedEvent", "MovedEvent", "StatusEvent"}
	case *RuleOperationList:
		return []string{"DeleteRuleOperation", "CreateRuleOperation", "SetRuleOperation"}
	case *ConflictList:
		return []string{"GroupAttendeeConflictData", "UnknownAttendeeConflictData"}
	case *SyncItemChanges:
		return []string{"Create", "Delete", "Update", "ReadFlagChange"}
	case *SyncFolderChanges:
		return []string{"Create", "Delete", "Update"}
	}
	var names []string
	for _, name := range k.byType {
		names = append(names, name)
	}
	return names
}

// roots are the requests and answers of the portType, and the headers.
func roots() []reflect.Type {
	list := []reflect.Type{
		reflect.TypeFor[RequestServerVersion](), reflect.TypeFor[ServerVersionInfo](), reflect.TypeFor[ExchangeImpersonation](),
		reflect.TypeFor[TimeZoneContext](), reflect.TypeFor[MailboxCulture](), reflect.TypeFor[DateTimePrecision](),
	}
	port := reflect.TypeFor[ExchangeServicePort]()
	for i := range port.NumMethod() {
		if m := port.Method(i); !strings.HasSuffix(m.Name, "Context") {
			list = append(list, m.Type.In(0).Elem(), m.Type.Out(0).Elem())
		}
	}
	return list
}

// ignore is what reading adds: XMLName.
var ignore = cmp.Options{
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".XMLName" }, cmp.Ignore()),
	cmpopts.EquateEmpty(),
}

// depth is how far down a value is filled. Items hold attachments that hold
// items, so that each level costs much; free and busy times nest deeper, and
// hold none.
func depth(root reflect.Type) int {
	if strings.HasPrefix(root.Name(), "GetUserAvailability") {
		return 9
	}
	return 5
}

func TestEveryStructSurvivesTheWire(t *testing.T) {
	s := readSource(t)
	f := &filler{source: s, seen: map[string]bool{}}
	for _, root := range roots() {
		t.Run(root.Name(), func(t *testing.T) {
			value := reflect.New(root)
			f.fill(value.Elem(), depth(root))
			wire, err := xml.Marshal(value.Interface())
			if err != nil {
				t.Fatal(err)
			}
			back := reflect.New(root)
			if err := xml.Unmarshal(wire, back.Interface()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(value.Interface(), back.Interface(), ignore); diff != "" {
				t.Errorf("it came back changed (-sent +read):\n%.2000s", diff)
			}
		})
	}
	f.judge(t)
	for name := range s.structs {
		if !f.seen[name] && name != "AnyType" {
			t.Errorf("no request or answer holds a %s: it is never used, or not tested", name)
		}
	}
}

func TestEveryRequestFitsTheSchema(t *testing.T) {
	if _, err := exec.LookPath("xmllint"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("xmllint is missing: run make deps")
		}
		t.Skip("xmllint is not installed: run make deps")
	}
	f := &filler{source: readSource(t), seen: map[string]bool{}}
	for _, root := range roots() {
		t.Run(root.Name(), func(t *testing.T) {
			value := reflect.New(root)
			f.fill(value.Elem(), 5)
			wire, err := xml.Marshal(value.Interface())
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "message.xml")
			if err := os.WriteFile(file, wire, 0o600); err != nil {
				t.Fatal(err)
			}
			schema := "messages.xsd"
			if name, _ := root.FieldByName("XMLName"); strings.HasPrefix(name.Tag.Get("xml"), TypesNamespace) {
				schema = "types.xsd"
			}
			if out, err := exec.Command("xmllint", "--huge", "--noout", "--schema", schema, file).CombinedOutput(); err != nil {
				t.Errorf("%v:\n%.1500s", err, out)
			}
		})
	}
	f.judge(t)
}

func TestAListRefusesWhatItHasNoElementFor(t *testing.T) {
	_, err := xml.Marshal(&GetItem{ItemIds: &ItemIdList{Ids: []any{&FolderId{}}}})
	var kindError *KindError
	if !errors.As(err, &kindError) || kindError.List != "ItemIdList" {
		t.Errorf("a folder id in a list of item ids: %v", err)
	}
}
