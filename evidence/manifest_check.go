package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Finding is something in a run folder that is not as it was left.
type Finding struct {
	Path string // of the file, relative to the folder
	Line int    // in it, from 1; 0: the file as a whole
	What string // what is wrong, to be read after the path
}

func (f Finding) String() string {
	if f.Line > 0 {
		return fmt.Sprintf("%s line %d %s", f.Path, f.Line, f.What)
	}
	return f.Path + " " + f.What
}

// Checked is what the seal of a run folder came to.
type Checked struct {
	Manifest *Manifest // nil: there is none that can be read
	Encoded  []byte    // its octets, which a signature is over
	Files    []File    // what lies in the folder, hashed, but for the seal
	Findings []Finding // nothing: every file is as it was when the folder was sealed
	// Unsealing says that a process was killed while it put the seal on or took it
	// off, or that somebody made it look so: what there is of one vouches for nothing.
	Unsealing bool
	// Later are renderings that came after the seal; nothing vouches for them.
	Later []string
}

// CheckManifest compares a run folder with its manifest: files that are missing,
// altered or not listed, and what is no plain file at all. The error is trouble in
// reading the folder; what is wrong with the folder stands in the findings. A
// folder without any seal gets its files listed, and no finding about that.
func CheckManifest(dir string) (*Checked, error) {
	files, odd, err := look(dir)
	if err != nil {
		return nil, fmt.Errorf("look through the run folder: %w", err)
	}
	c := &Checked{Files: files}
	for _, o := range odd {
		c.Findings = append(c.Findings, Finding{Path: o.path, What: o.what})
	}
	m, encoded, err := readManifest(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return c, c.withoutManifest(dir)
	case errors.Is(err, ErrSealed):
		c.Findings = append(c.Findings, Finding{Path: ManifestFile, What: "cannot be taken for a manifest: " + err.Error()})
	case err != nil:
		return nil, fmt.Errorf("read the seal of the run folder: %w", err)
	default:
		c.Manifest, c.Encoded = m, encoded
	}
	var unlike []Finding
	if m != nil {
		unlike = c.compareFiles()
	}
	if err := c.compareSums(dir, len(unlike) > 0); err != nil {
		return nil, err
	}
	c.Findings = append(c.Findings, unlike...)
	return c, nil
}

// withoutManifest tells a folder whose manifest was taken away from one that was
// never sealed: sums are never there without a manifest, whole or half. Half of one
// is there with the evidence that it lists, for that is not written while there is one.
func (c *Checked) withoutManifest(dir string) (err error) {
	if c.Unsealing, err = isThere(filepath.Join(dir, manifestHalf)); err != nil {
		return err
	}
	if c.Unsealing {
		return c.compareHalf(dir)
	}
	sums, err := isThere(filepath.Join(dir, SumsFile))
	if sums {
		c.Findings = append(c.Findings, Finding{Path: ManifestFile, What: "is missing, and " + SumsFile + " is there: it was taken away, for they come and go together"})
	}
	return err
}

// compareHalf holds the evidence against a manifest that is not in its place, where
// all of it can be read. The files of the report are left out: whoever makes the
// report anew may be stopped between the two.
func (c *Checked) compareHalf(dir string) error {
	half, _, err := readManifestAt(dir, manifestHalf)
	if errors.Is(err, ErrSealed) {
		return nil // it was being written
	}
	if err != nil {
		return fmt.Errorf("read the seal of the run folder: %w", err)
	}
	of := func(all []File) []File {
		return slices.DeleteFunc(slices.Clone(all), func(f File) bool {
			return f.Path != EventsFile && !strings.HasPrefix(f.Path, "evidence/")
		})
	}
	then := &Checked{Manifest: &Manifest{Files: of(half.Files)}, Files: of(c.Files)}
	for _, f := range then.compareFiles() {
		f.What += " (" + ManifestFile + " lies there as " + manifestHalf + ")"
		c.Findings = append(c.Findings, f)
	}
	return nil
}

// compareSums holds SumsFile against the manifest that it was made from; unlike
// says that the manifest is not what the folder is either.
func (c *Checked) compareSums(dir string, unlike bool) error {
	sums, err := readSealFile(filepath.Join(dir, SumsFile))
	switch {
	case errors.Is(err, os.ErrNotExist):
		c.Findings = append(c.Findings, Finding{Path: SumsFile, What: "is missing"})
		return nil
	case errors.Is(err, ErrSealed):
		c.Findings = append(c.Findings, Finding{Path: SumsFile, What: "cannot be read: " + err.Error()})
		return nil
	case err != nil:
		return fmt.Errorf("read the seal of the run folder: %w", err)
	case c.Manifest == nil:
		return nil // there is nothing to hold it against
	}
	if firstDifference(sums, c.Manifest.sums(c.Encoded)) == 0 {
		return nil // whoever signed with something else than Collaudo left it as it was
	}
	var later []File
	for _, name := range []string{SignatureFile, TimestampFile} {
		octets, err := readSealFile(filepath.Join(dir, name))
		if err == nil {
			later = append(later, File{Path: name, SHA256: hashOf(octets)})
		} else if !errors.Is(err, os.ErrNotExist) && !errors.Is(err, ErrSealed) {
			return fmt.Errorf("read the seal of the run folder: %w", err)
		}
	}
	line := firstDifference(sums, c.Manifest.sums(c.Encoded, later...))
	if line == 0 {
		return nil
	}
	for _, name := range []string{SignatureFile, TimestampFile} {
		if sumOf(sums, name) != sumOf(c.Manifest.sums(c.Encoded, later...), name) {
			c.Findings = append(c.Findings, Finding{Path: name, What: "is not what " + SumsFile + " says: it was altered, added or taken away, or that file was"})
		}
	}
	if unlike && sumOf(sums, ManifestFile) != hashOf(c.Encoded) {
		alone := firstDifference(withoutSum(sums, ManifestFile), withoutSum((&Manifest{Files: c.lasting(sums)}).sums(nil, later...), ManifestFile)) == 0
		c.Findings = append(c.Findings, Finding{Path: ManifestFile, What: manifestWords(alone)})
		if alone {
			return nil
		}
	}
	c.Findings = append(c.Findings, Finding{Path: SumsFile, Line: line, What: "is not what " + ManifestFile + " and the folder say: one of them was altered"})
	return nil
}

// manifestWords say that the manifest is not what the sums have for it; alone: and
// that they hold for every other file.
func manifestWords(alone bool) string {
	what := "is not what " + SumsFile + " says: it was altered, or that file was"
	if alone {
		what = "was altered: " + SumsFile + " has another hash for it, and the right one for every other file"
	}
	return what + "; what follows of other files is by what it says now"
}

// lasting are the files that lie in the folder, but for renderings that came after
// the sums were written.
func (c *Checked) lasting(sums []byte) []File {
	return slices.DeleteFunc(slices.Clone(c.Files), func(f File) bool {
		return madeLater.MatchString(f.Path) && sumOf(sums, f.Path) == ""
	})
}

// withoutSum is a text in the form of SumsFile without what it says of a file.
func withoutSum(sums []byte, name string) []byte {
	var rest []byte
	for line := range bytes.Lines(sums) {
		if !bytes.HasSuffix(line, []byte("  "+name+"\n")) {
			rest = append(rest, line...)
		}
	}
	return rest
}

// sumOf is what a text in the form of SumsFile says of a file; "": nothing.
func sumOf(sums []byte, name string) string {
	for line := range bytes.Lines(sums) {
		if sum, of, _ := strings.Cut(string(line), "  "); of == name+"\n" {
			return sum
		}
	}
	return ""
}

// compareFiles says where the folder is not what the manifest lists. It walks
// along both lists, which are sorted alike.
func (c *Checked) compareFiles() (unlike []Finding) {
	listed, found := c.Manifest.Files, c.Files
	for len(listed) > 0 || len(found) > 0 {
		switch {
		case len(found) == 0 || len(listed) > 0 && listed[0].Path < found[0].Path:
			unlike = append(unlike, Finding{Path: listed[0].Path, What: "is missing"})
			listed = listed[1:]
		case len(listed) == 0 || found[0].Path < listed[0].Path:
			if madeLater.MatchString(found[0].Path) {
				c.Later = append(c.Later, found[0].Path)
			} else {
				unlike = append(unlike, Finding{Path: found[0].Path, What: "was added: " + ManifestFile + " does not list it"})
			}
			found = found[1:]
		default:
			if what := differs(listed[0], found[0]); what != "" {
				unlike = append(unlike, Finding{Path: found[0].Path, What: what})
			}
			listed, found = listed[1:], found[1:]
		}
	}
	return unlike
}

func differs(was, is File) string {
	switch {
	case was.Size != is.Size:
		return fmt.Sprintf("was altered: it had %d bytes and has %d", was.Size, is.Size)
	case was.SHA256 != is.SHA256:
		return fmt.Sprintf("was altered: its octets hash to %.16s…, and %s says %.16s…", is.SHA256, ManifestFile, was.SHA256)
	}
	return ""
}
