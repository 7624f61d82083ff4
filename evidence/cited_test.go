package evidence

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// notKept are fields that hold a SHA-256 of something which is not kept beside
// the event: of the log itself, of files of the person who runs, of what passed
// between others.
func notKept() []string {
	return []string{
		"Event.Previous", "Run.TargetSHA256", "Shard.Material", "Part.Events", "ListRead.Last", "Intake.SHA256",
		"RelayExchange.SHA256", "ClientSession.Messages",
	}
}

// TestEveryBlobIsCited fills every field of an event that is said to be a blob,
// and expects Cited to name it: one that is forgotten would be missed by nobody.
func TestEveryBlobIsCited(t *testing.T) {
	t.Parallel()
	blobs := fieldsThatAreBlobs(t)
	var event Event
	want := fill(reflect.ValueOf(&event).Elem(), blobs)
	if len(want) < 25 {
		t.Fatalf("only %d fields are said to be blobs: is the comment still \"blob\"?", len(want))
	}
	got := event.Cited()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("cited:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// fieldsThatAreBlobs reads the comments of this package: "Type.Field" of every
// field that is called Blob, or Transcript, or whose comment begins with "blob".
func fieldsThatAreBlobs(t *testing.T) map[string]bool {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	blobs := map[string]bool{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, is := n.(*ast.TypeSpec)
			if !is {
				return true
			}
			body, is := spec.Type.(*ast.StructType)
			if !is {
				return false
			}
			for _, field := range body.Fields.List {
				for _, name := range field.Names {
					said := strings.ToLower(field.Comment.Text() + field.Doc.Text())
					blob := name.Name == "Blob" || name.Name == "Transcript" || strings.HasPrefix(said, "blob") || strings.Contains(said, "is a blob") || strings.Contains(said, "is the blob")
					hash := strings.Contains(said, "sha-256")
					full := spec.Name.Name + "." + name.Name
					if (blob || hash) && !slices.Contains(notKept(), full) && name.IsExported() {
						blobs[full] = true
					}
				}
			}
			return false
		})
	}
	for _, not := range []string{"File.SHA256", "Judged.Catalogue", "Log.Hash"} {
		delete(blobs, not) // they are of the folder, and of no event
	}
	return blobs
}

// fill gives every field that is a blob a value of its own.
func fill(v reflect.Value, blobs map[string]bool) (values []string) {
	for i := range v.NumField() {
		field, name := v.Field(i), v.Type().Name()+"."+v.Type().Field(i).Name
		if blobs[name] {
			value := fmt.Sprintf("%s %p", name, field.Addr().UnsafePointer())
			values = append(values, value)
			switch field.Kind() {
			case reflect.Slice:
				field.Set(reflect.ValueOf([]string{value}))
			default:
				field.SetString(value)
			}
			continue
		}
		switch {
		case field.Kind() == reflect.Pointer && field.Type().Elem().Kind() == reflect.Struct:
			field.Set(reflect.New(field.Type().Elem()))
			values = append(values, fill(field.Elem(), blobs)...)
		case field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Struct:
			field.Set(reflect.MakeSlice(field.Type(), 1, 1))
			values = append(values, fill(field.Index(0), blobs)...)
		case field.Kind() == reflect.Struct && field.Type().PkgPath() != "time":
			values = append(values, fill(field, blobs)...)
		}
	}
	return values
}
