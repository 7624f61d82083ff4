package evidence

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestARunThatGoesOnIsBusy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r, err := Create(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	if busy, err := Busy(dir); err != nil || !busy {
		t.Errorf("while it is written: busy %v, %v", busy, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if busy, err := Busy(dir); err != nil || busy {
		t.Errorf("afterwards: busy %v, %v", busy, err)
	}
}

func TestKeptOctetsHaveTheHashOfTheirName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r, err := Create(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := r.Keep(Sent, []byte("plain"), false)
	if err != nil {
		t.Fatal(err)
	}
	infected, err := r.Keep(Received, []byte("infected"), true)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	kept := func(path string) (hash, wrong string) {
		t.Helper()
		hash, wrong, err := Kept(dir, File{Path: path, SHA256: hashOf([]byte(read(t, filepath.Join(dir, path))))})
		if err != nil {
			t.Fatal(err)
		}
		return hash, wrong
	}
	encoded := "evidence/received/" + infected + encodedSuffix
	for path, want := range map[string]string{"evidence/sent/" + plain + ".eml.txt": plain, encoded: infected} {
		if hash, wrong := kept(path); hash != want || wrong != "" {
			t.Errorf("%s: %q, %q", path, hash, wrong)
		}
	}
	write(t, filepath.Join(dir, "evidence/sent/", plain+".txt"), "plain")
	write(t, filepath.Join(dir, "evidence/trust/", plain), "other")
	for path, want := range map[string]string{
		"evidence/sent/" + plain + ".txt": "a name that no evidence has", "evidence/trust/" + plain: "was altered",
	} {
		if _, wrong := kept(path); !strings.Contains(wrong, want) {
			t.Errorf("%s: %q, want %q", path, wrong, want)
		}
	}
	for octets, want := range map[string]string{"cGxhaW4=": "was altered: its octets hash to", "!": "is not encoded as evidence is"} {
		write(t, filepath.Join(dir, encoded), octets)
		if _, wrong := kept(encoded); !strings.Contains(wrong, want) {
			t.Errorf("%q: %q, want %q", octets, wrong, want)
		}
	}
}
