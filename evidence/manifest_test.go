package evidence

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sealed is a small run folder that was finished, with a file of each sort.
func sealed(t *testing.T) (dir, hash string) {
	t.Helper()
	dir, hash = record(t, true)
	write(t, filepath.Join(dir, "run.json"), "{}\n")
	write(t, filepath.Join(dir, "report <a&b>.html"), "")
	if err := os.MkdirAll(filepath.Join(dir, "messages"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "messages", "style.css"), "p {}\n")
	mustSeal(t, dir)
	return dir, hash
}

func mustSeal(t *testing.T, dir string) {
	t.Helper()
	made := []string{"run.json", "report <a&b>.html", "messages/style.css"}
	if err := Seal(dir, Judged{Version: "v1 <dev>", Catalogue: "c0ffee"}, made); err != nil {
		t.Fatal(err)
	}
}

func mustCheck(t *testing.T, dir string) *Checked {
	t.Helper()
	c, err := CheckManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestASealedFolderHoldsTogether(t *testing.T) {
	t.Parallel()
	dir, hash := sealed(t)
	c := mustCheck(t, dir)
	if len(c.Findings) != 0 || c.Manifest == nil || len(c.Later) != 0 {
		t.Fatalf("findings %v, later %v, manifest %v", c.Findings, c.Later, c.Manifest)
	}
	var paths []string
	for _, f := range c.Manifest.Files {
		paths = append(paths, f.Path)
	}
	want := []string{"events.ndjson", "evidence/received/" + hash + ".eml.txt", "messages/style.css", "report <a&b>.html", "run.json"}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if !strings.Contains(read(t, filepath.Join(dir, ManifestFile)), `"version": "v1 <dev>",`) {
		t.Error("the manifest does not say, as it is read, by what version the run was judged")
	}
	if is, err := Sealed(dir); !is || err != nil {
		t.Errorf("sealed %v, %v", is, err)
	}
}

// TestSumsAreRead has sha256sum, where there is one, check a folder.
func TestSumsAreRead(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("sha256sum")
	if err != nil {
		t.Log("there is no sha256sum here: only our own reader was asked")
		return
	}
	dir, _ := sealed(t)
	check := func() (string, error) {
		command := exec.CommandContext(t.Context(), program, "--strict", "-c", SumsFile)
		command.Dir = dir
		out, err := command.CombinedOutput()
		return string(out), err
	}
	if out, err := check(); err != nil || strings.Count(out, ": OK") != 6 {
		t.Errorf("sha256sum -c: %v\n%s", err, out)
	}
	edit(t, filepath.Join(dir, "run.json"), "{}", "{ ")
	if out, err := check(); err == nil || !strings.Contains(out, "run.json: FAILED") {
		t.Errorf("sha256sum -c of an altered file: %v\n%s", err, out)
	}
}

// TestEveryByteOfASealedFolder changes every byte of every file, one at a time.
func TestEveryByteOfASealedFolder(t *testing.T) {
	t.Parallel()
	dir, _ := sealed(t)
	var files []string
	if err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, path := range files {
		whole := read(t, path)
		for i := range whole {
			octets := []byte(whole)
			octets[i] ^= 1
			write(t, path, string(octets))
			tried++
			found := mustCheck(t, dir).Findings
			if len(found) == 0 {
				t.Errorf("%s: byte %d changed, and nothing was found", filepath.Base(path), i)
			}
			rel, err := filepath.Rel(dir, path)
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.ToSlash(rel)
			either := name == ManifestFile && len(found) == 1 && found[0].Path == SumsFile && strings.Contains(found[0].What, ManifestFile) // what of the two it was, nothing shows
			if len(found) > 0 && found[0].Path != name && !either {
				t.Errorf("%s: byte %d changed, and %s is blamed", name, i, found[0])
			}
		}
		write(t, path, whole)
	}
	if tried < 2000 || len(mustCheck(t, dir).Findings) != 0 {
		t.Errorf("%d bytes changed; after all was restored: %v", tried, mustCheck(t, dir).Findings)
	}
}

func TestWhatIsFoundInASealedFolder(t *testing.T) {
	t.Parallel()
	at := func(dir string, names ...string) string { return filepath.Join(append([]string{dir}, names...)...) }
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name string
		do   func(t *testing.T, dir, hash string)
		want string
	}{
		{"a file is deleted", func(t *testing.T, dir, _ string) { must(t, os.Remove(at(dir, "messages", "style.css"))) }, "messages/style.css is missing"},
		{"a file is added", func(t *testing.T, dir, _ string) { write(t, at(dir, "messages", "x.html"), "") }, "messages/x.html was added"},
		{"a file is longer", func(t *testing.T, dir, _ string) { write(t, at(dir, "run.json"), "{}\n\n") }, "run.json was altered: it had 3 bytes and has 4"},
		{"a file is renamed", func(t *testing.T, dir, _ string) { must(t, os.Rename(at(dir, "run.json"), at(dir, "run2.json"))) }, "run.json is missing"},
		{"evidence is added", func(t *testing.T, dir, _ string) { write(t, at(dir, "evidence", "sent", "x.eml.txt"), "x") }, "evidence/sent/x.eml.txt was added"},
		{"the log is deleted", func(t *testing.T, dir, _ string) { must(t, os.Remove(at(dir, EventsFile))) }, "events.ndjson is missing"},
		{"the sums are deleted", func(t *testing.T, dir, _ string) { must(t, os.Remove(at(dir, SumsFile))) }, "manifest.sha256 is missing"},
		{"a line of the sums is deleted", func(t *testing.T, dir, _ string) {
			_, rest, _ := strings.Cut(read(t, at(dir, SumsFile)), "\n")
			write(t, at(dir, SumsFile), rest)
		}, "manifest.sha256 line 1 is not what manifest.json and the folder say"},
		{"the manifest is empty", func(t *testing.T, dir, _ string) { write(t, at(dir, ManifestFile), "") }, "manifest.json cannot be taken for a manifest"},
		{"the manifest has a field more", func(t *testing.T, dir, _ string) {
			edit(t, at(dir, ManifestFile), `"schema"`, `"more": 1, "schema"`)
		}, "manifest.json cannot be taken for a manifest"},
		{"the manifest is of another form", func(t *testing.T, dir, _ string) {
			edit(t, at(dir, ManifestFile), ManifestSchema, "collaudo/manifest/9")
		}, "read it with the version of Collaudo that wrote it"},
		{"the manifest is written otherwise", func(t *testing.T, dir, _ string) {
			edit(t, at(dir, ManifestFile), "{\n", "{ \n")
		}, "is not in the form in which a manifest is written"},
		{"something follows the manifest", func(t *testing.T, dir, _ string) {
			write(t, at(dir, ManifestFile), read(t, at(dir, ManifestFile))+"{}")
		}, "is not in the form in which a manifest is written"},
		{"a file becomes a link", func(t *testing.T, dir, hash string) {
			kept := at(dir, "evidence", "received", hash+".eml.txt")
			must(t, os.Rename(kept, at(t.TempDir(), "elsewhere")))
			must(t, os.Symlink(at(t.TempDir(), "elsewhere"), kept))
		}, "is a symbolic link"},
		{"a folder becomes a link", func(t *testing.T, dir, _ string) {
			elsewhere := at(t.TempDir(), "messages")
			must(t, os.Rename(at(dir, "messages"), elsewhere))
			must(t, os.Symlink(elsewhere, at(dir, "messages")))
		}, "messages is a symbolic link"},
		{"the manifest becomes a link", func(t *testing.T, dir, _ string) {
			elsewhere := at(t.TempDir(), "m")
			must(t, os.Rename(at(dir, ManifestFile), elsewhere))
			must(t, os.Symlink(elsewhere, at(dir, ManifestFile)))
		}, "manifest.json is a symbolic link"},
		{"a name that moves a cursor", func(t *testing.T, dir, _ string) { write(t, at(dir, "a\x1b[2Jb"), "") }, "has a name that no file of a run has"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir, hash := sealed(t)
			test.do(t, dir, hash)
			for _, f := range mustCheck(t, dir).Findings {
				if strings.Contains(f.String(), test.want) {
					return
				}
			}
			t.Errorf("found %v, want %q", mustCheck(t, dir).Findings, test.want)
		})
	}
}

func TestRenderingsMadeLaterAreToldAndNotHeldAgainstAFolder(t *testing.T) {
	t.Parallel()
	dir, _ := sealed(t)
	write(t, filepath.Join(dir, "report.it.html"), "")
	write(t, filepath.Join(dir, "messages", "report.it.html"), "") // but not anywhere
	c := mustCheck(t, dir)
	if diff := cmp.Diff([]string{"report.it.html"}, c.Later); diff != "" {
		t.Errorf("made later (-want +got):\n%s", diff)
	}
	if len(c.Findings) != 1 || c.Findings[0].Path != "messages/report.it.html" {
		t.Errorf("findings %v", c.Findings)
	}
}

func TestAFolderWithoutAManifestIsListed(t *testing.T) {
	t.Parallel()
	dir, _ := record(t, false)
	c := mustCheck(t, dir)
	if c.Manifest != nil || len(c.Files) != 2 || len(c.Findings) != 0 {
		t.Errorf("manifest %v, files %v, findings %v", c.Manifest, c.Files, c.Findings)
	}
	if is, err := Sealed(dir); is || err != nil {
		t.Errorf("sealed %v, %v", is, err)
	}
}

// TestTakingARunUpTakesItsSealOff: what a seal says is wrong from then on.
func TestTakingARunUpTakesItsSealOff(t *testing.T) {
	t.Parallel()
	dir, _ := sealed(t)
	write(t, filepath.Join(dir, SignatureFile), "signed")
	write(t, filepath.Join(dir, TimestampFile), "stamped")
	write(t, filepath.Join(dir, "evidence", "sent", "half"+partialSuffix), "half")
	r, _ := mustAppend(t, dir)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{ManifestFile, SumsFile, SignatureFile, TimestampFile, "evidence/sent/half" + partialSuffix} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there (%v)", name, err)
		}
	}
	mustSeal(t, dir)
	if found := mustCheck(t, dir).Findings; len(found) > 0 {
		t.Errorf("sealed again: %v", found)
	}
}

func TestSealRefusesWhatIsNoPlainFile(t *testing.T) {
	t.Parallel()
	dir, _ := record(t, true)
	if err := os.Symlink("/", filepath.Join(dir, "root")); err != nil {
		t.Fatal(err)
	}
	if err := Seal(dir, Judged{}, nil); err == nil || !strings.Contains(err.Error(), "root is a symbolic link") {
		t.Errorf("error %v", err)
	}
	if is, _ := Sealed(dir); is {
		t.Error("it was sealed all the same")
	}
}

// TestSealRefusesWhatIsNotOfTheRun: whatever is sealed looks like the run's own.
func TestSealRefusesWhatIsNotOfTheRun(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"notes.txt", "report.html.bak", "messages/letter.html", "evidence/letter.html", "evidence/received/letter.eml.txt",
		"evidence/received/" + strings.Repeat("a", 64) + ".html", "evidence/more/" + strings.Repeat("a", 64) + ".eml.txt", "trust/more.pem",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, _ := record(t, true)
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, path, "")
			if err := Seal(dir, Judged{}, []string{"report.html", "trust/ca.pem"}); !errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), name) {
				t.Errorf("error %v", err)
			}
			if is, _ := Sealed(dir); is {
				t.Error("it was sealed all the same")
			}
		})
	}
}

// TestSealLeavesOutWhatWasMadeLater: a run that is taken up again is sealed anew.
func TestSealLeavesOutWhatWasMadeLater(t *testing.T) {
	t.Parallel()
	dir, _ := sealed(t)
	write(t, filepath.Join(dir, "report.it.html"), "")
	mustSeal(t, dir)
	if c := mustCheck(t, dir); len(c.Findings) > 0 || len(c.Later) != 1 {
		t.Errorf("findings %v, later %v", c.Findings, c.Later)
	}
}
