package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Names of the files that seal a run folder. They stand in no manifest: each
// speaks of what comes before it in this list.
const (
	ManifestFile  = "manifest.json"   // every other file by size and SHA-256
	SumsFile      = "manifest.sha256" // the same, ManifestFile and what Sign adds, as sha256sum -c reads it
	SignatureFile = "manifest.p7s"    // detached CMS signature over ManifestFile, DER
	TimestampFile = "manifest.tsr"    // RFC 3161 response over SignatureFile, DER
)

// ManifestSchema is the version of the manifest's form. It changes when a reader
// of the old form would misread the new one.
const ManifestSchema = "collaudo/manifest/1"

// ErrSealed says that a seal cannot be read as one.
var ErrSealed = errors.New("the seal of the run folder cannot be read")

// ErrForeign says that a run folder holds files that are not of the run.
var ErrForeign = errors.New("the folder holds files that no run makes")

// Judged says by what a run was judged, so that whoever judges it again knows
// whether the same is to be expected.
type Judged struct {
	Version   string // of the tool
	Catalogue string // SHA-256 of the rules and scenarios, hex
}

// File is one file of a run folder.
type File struct {
	Path   string `json:"path"` // relative to the folder, with slashes
	Size   int64  `json:"size"` // in bytes
	SHA256 string `json:"sha256"`
}

// Manifest is manifest.json: what a finished run folder holds.
type Manifest struct {
	Schema    string `json:"schema"`
	Version   string `json:"version"`
	Catalogue string `json:"catalogue"`
	Files     []File `json:"files"` // sorted by path
}

// Bounds of a manifest: a folder with more than that is not ours.
const (
	maxManifest = 256 << 20 // bytes
	maxFiles    = 1_000_000
)

// madeLater are renderings that a finished run may be given after it was sealed,
// beside its own and never in their place. Nothing vouches for them.
var madeLater = regexp.MustCompile(`^(report|dossier|summary)\.(en|it)\.(html|pdf|md)$`)

// Encode writes the manifest in the one form that it has: a line for each field
// and each file, without escapes, so that the octets that are signed are those
// that a person reads.
func (m *Manifest) Encode() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("{\n")
	for _, f := range []struct{ name, value string }{{"schema", m.Schema}, {"version", m.Version}, {"catalogue", m.Catalogue}} {
		value, err := encodeJSON(f.value)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%q: %s,\n", f.name, value)
	}
	b.WriteString(`"files": [`)
	for i, f := range m.Files {
		if i > 0 {
			b.WriteByte(',')
		}
		line, err := encodeJSON(f)
		if err != nil {
			return nil, err
		}
		b.WriteByte('\n')
		b.Write(line)
	}
	b.WriteString("\n]\n}\n")
	return b.Bytes(), nil
}

func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode %s: %w", ManifestFile, err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// sums is SumsFile for a manifest whose octets are given, and for what of the seal
// was added to it later.
func (m *Manifest) sums(encoded []byte, later ...File) []byte {
	all := append(slices.Clone(m.Files), File{Path: ManifestFile, SHA256: hashOf(encoded)})
	all = append(all, later...)
	slices.SortFunc(all, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	var b bytes.Buffer
	for _, f := range all {
		b.WriteString(f.SHA256 + "  " + f.Path + "\n")
	}
	return b.Bytes()
}

// Seal ends a run folder: it writes the manifest over every file that lies in
// it, last of all, so that a folder with a manifest is a folder that was
// finished. The seal of an earlier state, signature and time stamp included, is
// taken away first.
//
// made are the files of the report, by path: they, the event log and the evidence
// are what a run folder holds. Any other file is refused by name, with ErrForeign,
// and so is what is no plain file: whatever is sealed looks like the run's own.
// Renderings that were made later and beside the run's own are left out.
func Seal(dir string, by Judged, made []string) error {
	if err := Unseal(dir); err != nil {
		return err
	}
	if err := dropPartials(dir); err != nil {
		return err
	}
	found, odd, err := look(dir)
	if err != nil {
		return fmt.Errorf("seal the run folder: %w", err)
	}
	if len(odd) > 0 {
		return fmt.Errorf("seal the run folder: %s: take it out of the folder", odd[0])
	}
	own, foreign := sortOut(found, made)
	if len(foreign) > 0 {
		return fmt.Errorf("seal the run folder: %w: %s: take out of the folder what you put there", ErrForeign, named(foreign))
	}
	m := &Manifest{Schema: ManifestSchema, Version: by.Version, Catalogue: by.Catalogue, Files: own}
	encoded, err := m.Encode()
	if err != nil {
		return err
	}
	return writeSeal(dir, m.sums(encoded), encoded)
}

// sortOut tells the files of a run from those that are none of it.
func sortOut(found []File, made []string) (own []File, foreign []string) {
	known := map[string]bool{EventsFile: true}
	for _, name := range made {
		known[name] = true
	}
	for _, f := range found {
		switch {
		case known[f.Path] || isKept(f.Path):
			own = append(own, f)
		case !madeLater.MatchString(f.Path):
			foreign = append(foreign, f.Path)
		}
	}
	return own, foreign
}

// named lists the first of some files.
func named(files []string) string {
	const most = 5
	if n := len(files); n > most {
		return strings.Join(files[:most], ", ") + fmt.Sprintf(" and %d more", n-most)
	}
	return strings.Join(files, ", ")
}

// Sign adds a signature over ManifestFile to a sealed folder, and a time stamp over
// that where there is one, and lists both in SumsFile. What they say is not looked at.
func Sign(dir string, signature, stamp []byte) error {
	m, encoded, err := readManifest(dir)
	if err != nil {
		return fmt.Errorf("sign the run folder: %w", err)
	}
	var later []File
	for _, f := range []struct {
		name   string
		octets []byte
	}{{SignatureFile, signature}, {TimestampFile, stamp}} {
		if f.octets == nil {
			continue
		}
		if err := WriteWhole(filepath.Join(dir, f.name), f.octets); err != nil {
			return fmt.Errorf("sign the run folder: %w", err)
		}
		later = append(later, File{Path: f.name, SHA256: hashOf(f.octets)})
	}
	if err := WriteWhole(filepath.Join(dir, SumsFile), m.sums(encoded, later...)); err != nil {
		return fmt.Errorf("sign the run folder: %w", err)
	}
	return nil
}

// readManifest reads a manifest back from its place.
func readManifest(dir string) (*Manifest, []byte, error) { return readManifestAt(dir, ManifestFile) }

// readManifestAt reads a manifest back from a file and takes none that is not in the
// form in which Encode writes it.
func readManifestAt(dir, name string) (*Manifest, []byte, error) {
	encoded, err := readSealFile(filepath.Join(dir, name))
	if err != nil {
		return nil, nil, err
	}
	var m Manifest
	dec := json.NewDecoder(bytes.NewReader(encoded))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return nil, nil, fmt.Errorf("%w: %s: %w", ErrSealed, ManifestFile, err)
	}
	if m.Schema != ManifestSchema {
		return nil, nil, fmt.Errorf("%w: %s is of the form %q: expected %q; read it with the version of Collaudo that wrote it", ErrSealed, ManifestFile, m.Schema, ManifestSchema)
	}
	for _, text := range []string{m.Version, m.Catalogue} {
		if !legible(text) {
			return nil, nil, fmt.Errorf("%w: %s: %q holds characters that cannot be shown", ErrSealed, ManifestFile, text)
		}
	}
	if !slices.IsSortedFunc(m.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) }) {
		return nil, nil, fmt.Errorf("%w: %s: its files are not in order", ErrSealed, ManifestFile)
	}
	again, err := m.Encode()
	if err != nil {
		return nil, nil, err
	}
	if line := firstDifference(encoded, again); line > 0 {
		return nil, nil, fmt.Errorf("%w: %s line %d is not in the form in which a manifest is written", ErrSealed, ManifestFile, line)
	}
	return &m, encoded, nil
}

// firstDifference is the line at which two texts part, from 1; 0: nowhere.
func firstDifference(a, b []byte) int {
	if bytes.Equal(a, b) {
		return 0
	}
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return 1 + bytes.Count(a[:n], []byte("\n"))
}
