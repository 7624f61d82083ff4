package evidence

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// readings is every way in which a run folder is read, by its name.
func readings(dir, hash string) map[string]func() error {
	return map[string]func() error{
		"open":   func() error { _, err := Open(dir); return err },
		"each":   func() error { _, err := Each(dir, func(Event) error { return nil }); return err },
		"busy":   func() error { _, err := Busy(dir); return err },
		"span":   func() error { _, _, err := Span(dir); return err },
		"played": func() error { _, err := Played(dir); return err },
		"append": func() error {
			r, _, err := Append(dir, "test", now)
			if err == nil {
				err = r.Close()
			}
			return err
		},
		"octets": func() error { _, err := folder(dir).Blob(hash); return err },
		"seal":   func() error { _, _, err := readManifest(dir); return err },
	}
}

// fileOf is the file that a reading reads.
func fileOf(dir, hash, reading string) string {
	switch reading {
	case "octets":
		return filepath.Join(dir, "evidence", "received", hash+".eml.txt")
	case "seal":
		return filepath.Join(dir, ManifestFile)
	}
	return filepath.Join(dir, EventsFile)
}

// refusedAsNotPlain puts something in the place of each file that is read, and
// expects that it is refused, and at once: whoever opens a pipe waits for ever.
func refusedAsNotPlain(t *testing.T, instead func(path string) error) {
	t.Helper()
	for name := range readings("", "") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, hash := record(t, true)
			if err := Seal(dir, Judged{Version: "test"}, nil); err != nil {
				t.Fatal(err)
			}
			if err := readings(dir, hash)[name](); err != nil && name != "append" {
				t.Fatalf("of a plain file: %v", err)
			}
			path := fileOf(dir, hash, name)
			if err := errors.Join(os.Rename(path, path+"-away"), instead(path)); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- readings(dir, hash)[name]() }()
			select {
			case err := <-done:
				if !errors.Is(err, ErrNotPlain) {
					t.Errorf("error %v, want ErrNotPlain", err)
				}
			case <-time.After(10 * time.Second):
				t.Error("it waits")
			}
		})
	}
}

func TestALinkIsNotFollowed(t *testing.T) {
	t.Parallel()
	refusedAsNotPlain(t, func(path string) error { return os.Symlink(path+"-away", path) })
}

func TestOctetsAreBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	write(t, path, "12345")
	if octets, err := ReadPlain(path, 5); err != nil || string(octets) != "12345" {
		t.Errorf("five of five bytes: %q, %v", octets, err)
	}
	if _, err := ReadPlain(path, 4); !errors.Is(err, ErrTooLarge) {
		t.Errorf("five of four bytes: %v", err)
	}
	large := strings.Repeat("0", 64)
	for _, name := range []string{large + ".eml.txt", large + encodedSuffix} { // of nothing but holes
		path := filepath.Join(dir, "evidence", "received", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, path, "")
		if err := os.Truncate(path, maxBlob+1); err != nil {
			t.Fatal(err)
		}
		if _, err := folder(dir).Blob(large); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatLiesInTheWayIsNotWrittenInto(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	other, path := filepath.Join(dir, "other"), filepath.Join(dir, "file")
	write(t, other, "as it was")
	if err := os.Symlink(other, path+partialSuffix); err != nil {
		t.Fatal(err)
	}
	if err := WriteWhole(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if read(t, other) != "as it was" || read(t, path) != "new" {
		t.Errorf("what a link led to holds %q, the file %q", read(t, other), read(t, path))
	}
}

func TestNothingThatCannotBeShownIsTaken(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a sequence of a terminal": "v1\x1b[2J", "one in a single byte": "v1\u009b2J", "a turn of direction": "v1\u202elmth.", "no UTF-8": "v1\xff", "a line end": "v1\nv2",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, _ := record(t, true)
			if err := Seal(dir, Judged{Version: text}, nil); err != nil {
				t.Fatal(err)
			}
			if _, _, err := readManifest(dir); name != "no UTF-8" && !errors.Is(err, ErrSealed) { // of which the seal makes UTF-8
				t.Errorf("as a version: %v", err)
			}
			write(t, filepath.Join(dir, text), "")
			_, odd, err := look(dir)
			if err != nil || len(odd) != 1 || !legible(odd[0].path) {
				t.Errorf("as a name: %q, %v", odd, err)
			}
		})
	}
	if !legible("evidence/sent/è 1.txt") {
		t.Error("letters and blanks cannot be shown")
	}
}
