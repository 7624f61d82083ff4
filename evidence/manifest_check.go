package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	// Later are renderings that came after the seal; nothing vouches for them.
	Later []string
}

// CheckManifest compares a run folder with its manifest: files that are missing,
// altered or not listed, and what is no plain file at all. The error is trouble in
// reading the folder; what is wrong with the folder stands in the findings. A
// folder without a manifest gets its files listed, and no finding about that.
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
		return c, nil
	case errors.Is(err, ErrSealed):
		c.Findings = append(c.Findings, Finding{Path: ManifestFile, What: "cannot be taken for a manifest: " + err.Error()})
	case err != nil:
		return nil, fmt.Errorf("read the seal of the run folder: %w", err)
	default:
		c.Manifest, c.Encoded = m, encoded
	}
	if err := c.compareSums(dir); err != nil {
		return nil, err
	}
	if m != nil {
		c.compareFiles()
	}
	return c, nil
}

// compareSums holds SumsFile against the manifest that it was made from.
func (c *Checked) compareSums(dir string) error {
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
	c.Findings = append(c.Findings, Finding{Path: SumsFile, Line: line, What: "is not what " + ManifestFile + " and the folder say: one of them was altered"})
	return nil
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

// compareFiles walks along both lists, which are sorted alike.
func (c *Checked) compareFiles() {
	listed, found := c.Manifest.Files, c.Files
	for len(listed) > 0 || len(found) > 0 {
		switch {
		case len(found) == 0 || len(listed) > 0 && listed[0].Path < found[0].Path:
			c.Findings = append(c.Findings, Finding{Path: listed[0].Path, What: "is missing"})
			listed = listed[1:]
		case len(listed) == 0 || found[0].Path < listed[0].Path:
			if madeLater.MatchString(found[0].Path) {
				c.Later = append(c.Later, found[0].Path)
			} else {
				c.Findings = append(c.Findings, Finding{Path: found[0].Path, What: "was added: " + ManifestFile + " does not list it"})
			}
			found = found[1:]
		default:
			if what := differs(listed[0], found[0]); what != "" {
				c.Findings = append(c.Findings, Finding{Path: found[0].Path, What: what})
			}
			listed, found = listed[1:], found[1:]
		}
	}
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
