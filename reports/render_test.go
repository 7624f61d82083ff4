package reports

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// finished is the sample as a run leaves it: written whole and sealed.
func finished(t *testing.T) (dir string, result *rules.Result) {
	t.Helper()
	dir = sampleRun(t)
	if err := Write(dir, sampleResult(), loadCatalogue(t), WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	result, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, result
}

func TestRenderInTheRunFolder(t *testing.T) {
	t.Parallel()
	dir, result := finished(t)
	sealed, err := evidence.CheckManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	files, err := Render(dir, result, loadCatalogue(t), RenderOptions{WriteOptions: WriteOptions{Language: words.Italian}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Join(dir, "summary.it.md"), filepath.Join(dir, "report.it.html")}
	if !slices.Equal(files, want) {
		t.Errorf("made %v, want %v", files, want)
	}
	page, err := os.ReadFile(filepath.Join(dir, "report.it.html"))
	if err != nil || !bytes.Contains(page, []byte(`lang="it"`)) {
		t.Errorf("%v, and the page is not in Italian", err)
	}
	after, err := evidence.CheckManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(after.Findings) > 0 || !slices.Equal(after.Later, []string{"report.it.html", "summary.it.md"}) {
		t.Errorf("the seal finds %v, and %v were made later", after.Findings, after.Later)
	}
	if !bytes.Equal(sealed.Encoded, after.Encoded) {
		t.Error("the manifest was written anew")
	}
}

// What belongs to the sealed run is never written over, whatever is asked.
func TestRenderRefuses(t *testing.T) {
	t.Parallel()
	dir, result := finished(t)
	other, _ := finished(t)
	for name, test := range map[string]struct {
		options RenderOptions
		want    error
	}{
		"a format for programs, in the folder": {RenderOptions{Formats: []string{formatJUnit}}, ErrSealed},
		"a folder inside the run":              {RenderOptions{Out: filepath.Join(dir, "more")}, ErrSealed},
		"the run folder itself":                {RenderOptions{Out: dir}, ErrSealed},
		"the folder of another run":            {RenderOptions{Out: other}, ErrSealed},
		"a format that is none":                {RenderOptions{Formats: []string{"word"}, Out: t.TempDir()}, ErrFormat},
	} {
		before := listing(t, dir)
		if files, err := Render(dir, result, loadCatalogue(t), test.options); !errors.Is(err, test.want) || len(files) > 0 {
			t.Errorf("%s: made %v, %v", name, files, err)
		}
		if after := listing(t, dir); !slices.Equal(before, after) {
			t.Errorf("%s: the folder held %v and holds %v", name, before, after)
		}
	}
}

func listing(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

var links = regexp.MustCompile(`(?:href|src)="([^"#:]+)["#]`)

// Reports that lie elsewhere lead to the evidence where it is, and what they say
// is what the run's own say.
func TestRenderElsewhere(t *testing.T) {
	t.Parallel()
	dir, result := finished(t)
	out := filepath.Join(t.TempDir(), "a", "report")
	files, err := Render(dir, result, loadCatalogue(t), RenderOptions{Out: out})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range renderings() {
		if !slices.Contains(files, filepath.Join(out, r.file)) {
			t.Errorf("%s was not made", r.file)
		}
	}
	pages, err := filepath.Glob(filepath.Join(out, "messages", "*.html"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("the pages of the messages were not made (%v)", err)
	}
	followed := 0
	for _, file := range append(pages, filepath.Join(out, HTMLFile)) {
		octets, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range links.FindAllStringSubmatch(string(octets), -1) {
			target := filepath.Join(filepath.Dir(file), filepath.FromSlash(m[1]))
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s leads to %s, which is not there", filepath.Base(file), m[1])
			}
			followed++
		}
	}
	if followed < 5 {
		t.Errorf("only %d links were found", followed)
	}
	own, err := os.ReadFile(filepath.Join(dir, EARLFile))
	if err != nil {
		t.Fatal(err)
	}
	made, err := os.ReadFile(filepath.Join(out, EARLFile))
	if err != nil {
		t.Fatal(err)
	}
	way, err := wayTo(out, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.ReplaceAll(string(made), way+"evidence/", "evidence/"); got != string(own) {
		t.Error("what was made says something else than what the run wrote, apart from where the evidence lies")
	}
}

// A panic in one rendering is an error with its name, and the folder is not
// taken for a finished one.
func TestRenderingPanics(t *testing.T) {
	t.Parallel()
	r := rendering{file: "x.html", render: func(*telling) ([]byte, error) { panic("no such page") }}
	if octets, err := r.make(nil); err == nil || octets != nil || !strings.Contains(err.Error(), "x.html") {
		t.Errorf("%q, %v", octets, err)
	}
}
