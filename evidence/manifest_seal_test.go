package evidence

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAManifestThatIsNotTheOneThatWasSealed: it is blamed before the files that then
// differ from it, and one that was only taken away is missed.
func TestAManifestThatIsNotTheOneThatWasSealed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do   func(dir string)
		want string // the first finding
		more string // the second; "": there is none
	}{
		"deleted": {func(dir string) {
			if err := os.Remove(filepath.Join(dir, ManifestFile)); err != nil {
				t.Error(err)
			}
		}, "manifest.json is missing, and manifest.sha256 is there", ""},
		"a size in it": {func(dir string) {
			edit(t, filepath.Join(dir, ManifestFile), `"run.json","size":3`, `"run.json","size":4`)
		}, "manifest.json was altered: manifest.sha256 has another hash for it, and the right one for every other file", "run.json was altered: it had 4 bytes and has 3"},
		"a size in it, beside a rendering that was made later": {func(dir string) {
			edit(t, filepath.Join(dir, ManifestFile), `"run.json","size":3`, `"run.json","size":4`)
			write(t, filepath.Join(dir, "report.it.html"), "later")
		}, "manifest.json was altered: manifest.sha256 has another hash for it, and the right one for every other file", "run.json was altered"},
		"a size in it, of a run that has a dossier in Italian": {func(dir string) {
			write(t, filepath.Join(dir, "dossier.it.html"), "the run's own")
			if err := Seal(dir, Judged{Version: "v1"}, []string{"run.json", "messages/style.css", "report <a&b>.html", "dossier.it.html"}); err != nil {
				t.Error(err)
			}
			edit(t, filepath.Join(dir, ManifestFile), `"run.json","size":3`, `"run.json","size":4`)
		}, "manifest.json was altered: manifest.sha256 has another hash for it, and the right one for every other file", "run.json was altered"},
		"a size in it, and a file": {func(dir string) {
			edit(t, filepath.Join(dir, ManifestFile), `"run.json","size":3`, `"run.json","size":4`)
			write(t, filepath.Join(dir, "messages", "style.css"), "other")
		}, "manifest.json is not what manifest.sha256 says: it was altered, or that file was", "manifest.sha256 line"},
		"its version": {func(dir string) {
			edit(t, filepath.Join(dir, ManifestFile), `"version": "v1`, `"version": "v2`)
		}, "is not what manifest.json and the folder say: one of them was altered", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, _ := sealed(t)
			test.do(dir)
			found := mustCheck(t, dir).Findings
			if len(found) == 0 || !strings.Contains(found[0].String(), test.want) {
				t.Fatalf("found %v, want %q first", found, test.want)
			}
			if test.more == "" && len(found) > 1 || test.more != "" && (len(found) < 2 || !strings.HasPrefix(found[1].String(), test.more)) {
				t.Errorf("found %v, want %q next", found, test.more)
			}
		})
	}
}

// TestAManifestThatWasRenamed: a manifest that looks as if it was being put into its
// place when somebody stopped that is held against the evidence all the same. The
// report may have been written anew since, and half a manifest says nothing.
func TestAManifestThatWasRenamed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do   func(dir, blob string)
		want string // "": nothing is found
	}{
		"and nothing else": {func(string, string) {}, ""},
		"and the report":   {func(dir, _ string) { write(t, filepath.Join(dir, "run.json"), "other") }, ""},
		"and a message":    {func(_, blob string) { write(t, blob, "other") }, "was altered: it had "},
		"and an event":     {func(dir, _ string) { write(t, filepath.Join(dir, EventsFile), "") }, "events.ndjson was altered: it had "},
		"and a message that is gone": {func(_, blob string) {
			if err := os.Remove(blob); err != nil {
				t.Error(err)
			}
		}, "is missing (manifest.json lies there as manifest.json.partial)"},
		"and a message, and it was cut": {func(dir, blob string) {
			write(t, blob, "other")
			write(t, filepath.Join(dir, manifestHalf), "{")
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, hash := sealed(t)
			if err := os.Rename(filepath.Join(dir, ManifestFile), filepath.Join(dir, manifestHalf)); err != nil {
				t.Fatal(err)
			}
			test.do(dir, filepath.Join(dir, "evidence", "received", hash+".eml.txt"))
			c := mustCheck(t, dir)
			switch {
			case !c.Unsealing || c.Manifest != nil:
				t.Errorf("unsealing %v, manifest %v", c.Unsealing, c.Manifest)
			case test.want == "" && len(c.Findings) > 0, test.want != "" && (len(c.Findings) != 1 || !strings.Contains(c.Findings[0].String(), test.want)):
				t.Errorf("findings %v, want %q", c.Findings, test.want)
			}
		})
	}
}

// TestASealThatIsHalfOn stops the seal on its way: what it leaves is told from a
// folder whose manifest was taken away, and is no sealed folder.
func TestASealThatIsHalfOn(t *testing.T) {
	t.Parallel()
	block := func(dir, name string) { // a folder with something in it cannot be replaced
		if err := os.MkdirAll(filepath.Join(dir, name, "x"), 0o755); err != nil {
			t.Error(err)
		}
	}
	for name, test := range map[string]struct {
		sealed bool
		in     string // what stops it
		do     func(dir string) error
	}{
		"put on":    {false, SumsFile + partialSuffix, func(dir string) error { return writeSeal(dir, []byte("sums"), []byte("manifest")) }},
		"taken off": {true, SignatureFile, Unseal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, _ := record(t, true)
			if test.sealed {
				dir, _ = sealed(t)
			}
			block(dir, test.in)
			if err := test.do(dir); err == nil {
				t.Fatal("nothing stopped it")
			}
			if is, err := Sealed(dir); is || err != nil {
				t.Errorf("sealed %v, %v", is, err)
			}
			if err := os.RemoveAll(filepath.Join(dir, test.in)); err != nil {
				t.Fatal(err)
			}
			if c := mustCheck(t, dir); !c.Unsealing || c.Manifest != nil || len(c.Findings) > 0 {
				t.Errorf("unsealing %v, manifest %v, findings %v", c.Unsealing, c.Manifest, c.Findings)
			}
			if err := Unseal(dir); err != nil {
				t.Fatal(err)
			}
			if c := mustCheck(t, dir); c.Unsealing || len(c.Findings) > 0 {
				t.Errorf("once it is off: unsealing %v, findings %v", c.Unsealing, c.Findings)
			}
		})
	}
}
