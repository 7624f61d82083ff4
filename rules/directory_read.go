package rules

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/directory"
)

// What a reading of the directory is of (evidence.DirectoryReading.What).
const (
	centralFile    = "central-file"
	providerFile   = "provider-file"
	overLDAP       = "ldap"        // every entry
	searchOverLDAP = "ldap-search" // what a filter finds
	schemaRead     = "schema"
	revocation     = "revocation"
)

// Reading is one look at the directory, parsed.
type Reading struct {
	evidence.DirectoryReading
	File  *directoryFile       // nil when nothing was handed out, or something of another sort
	List  *x509.RevocationList // of a reading of the revocation list; nil when unreadable
	Shows *directory.Directory // File.Directory, or that of LDAP or the schema; nil when there is none
}

// Where points at the reading; part says where in it.
func (r *Reading) Where(part string) Where { return Where{Message: r.ID, Blob: r.Blob, Part: part} }

// Serving is one request that a host of the target made of a directory server
// that the harness plays, parsed.
type Serving struct {
	evidence.DirectoryServing
	File        *directoryFile    // what was handed out; nil: nothing
	Certificate *x509.Certificate // that the client showed; nil: none, or none that can be read
}

// Where points at the request.
func (s *Serving) Where(part string) Where { return Where{Blob: s.Served, Part: part} }

// Change is something that the harness made known as the directory or the CA.
type Change struct {
	evidence.DirectoryChange
	File *directoryFile // of a published file; nil when there is none
}

// Where points at the change.
func (c *Change) Where(part string) Where { return Where{Blob: c.Blob, Part: part} }

// readDirectories parses what was read of directories, served and changed.
func (v *View) readDirectories(c *evidence.Case) error {
	for _, seen := range c.DirectoryReads {
		octets, err := optionalBlob(c, seen.Blob)
		if err != nil {
			return fmt.Errorf("directory reading %s: %w", seen.ID, err)
		}
		r := &Reading{DirectoryReading: seen}
		switch {
		case len(octets) == 0:
		case seen.What == revocation:
			r.List = readRevocationList(octets)
		default:
			r.File = readDirectoryFile(octets)
			r.Shows = r.File.Directory
		}
		v.Directories = append(v.Directories, r)
	}
	for _, seen := range c.DirectoryServed {
		octets, err := optionalBlob(c, seen.Served)
		if err != nil {
			return fmt.Errorf("directory served at %s: %w", seen.At.Format(time.RFC3339), err)
		}
		s := &Serving{DirectoryServing: seen}
		if len(octets) > 0 {
			s.File = readDirectoryFile(octets)
		}
		shown, err := optionalBlob(c, seen.Client)
		if err != nil {
			return fmt.Errorf("certificate shown at %s: %w", seen.At.Format(time.RFC3339), err)
		}
		if certificates := readCertificates(shown); len(certificates) > 0 {
			s.Certificate = certificates[0]
		}
		v.Servings = append(v.Servings, s)
	}
	for _, seen := range c.DirectoryChanges {
		octets, err := optionalBlob(c, seen.Blob)
		if err != nil {
			return fmt.Errorf("directory change at %s: %w", seen.At.Format(time.RFC3339), err)
		}
		change := &Change{DirectoryChange: seen}
		if len(octets) > 0 && seen.What == filePublished {
			change.File = readDirectoryFile(octets)
		}
		v.Changes = append(v.Changes, change)
	}
	return nil
}

func optionalBlob(c *evidence.Case, hash string) ([]byte, error) {
	if hash == "" {
		return nil, nil
	}
	return c.Blob(hash)
}

// readRevocationList reads a list in PEM or DER; nil when it is none.
func readRevocationList(octets []byte) *x509.RevocationList {
	if block, _ := pem.Decode(octets); block != nil {
		octets = block.Bytes
	}
	list, err := x509.ParseRevocationList(octets)
	if err != nil {
		return nil
	}
	return list
}

// readCertificates reads all certificates of a file in PEM, or one in DER.
func readCertificates(octets []byte) []*x509.Certificate {
	if certificate, err := x509.ParseCertificate(octets); err == nil {
		return []*x509.Certificate{certificate}
	}
	var all []*x509.Certificate
	for block, rest := pem.Decode(octets); block != nil; block, rest = pem.Decode(rest) {
		if certificate, err := x509.ParseCertificate(block.Bytes); err == nil && block.Type == "CERTIFICATE" {
			all = append(all, certificate)
		}
	}
	return all
}

// directoryFile is a file of the directory, as it was handed out.
type directoryFile struct {
	Octets    []byte
	Signed    *directory.File      // nil when it is no signed file
	Content   []byte               // the LDIF, as it stands
	Directory *directory.Directory // nil when the content is no LDIF
	Err       error                // why not
}

// readDirectoryFile reads a .p7m or bare LDIF. It always returns a file, which
// says what could not be read.
func readDirectoryFile(octets []byte) *directoryFile {
	f := &directoryFile{Octets: octets, Content: octets}
	if len(octets) > 0 && octets[0] == 0x30 { // a SEQUENCE; no LDIF begins with a zero
		f.Signed = directory.OpenFile(octets)
		f.Content, f.Directory, f.Err = f.Signed.Content, f.Signed.Directory, f.Signed.NoLDIF
		return f
	}
	f.Directory, f.Err = directory.ReadLDIF(bytes.NewReader(octets))
	return f
}

// verifies tells a signed file whose signature fits its content.
func (f *directoryFile) verifies() bool {
	return f != nil && f.Signed != nil && f.Signed.Invalid == nil
}

// whole tells that the reading was asked for every entry: a file, or a search
// from the root without a filter.
func (r *Reading) whole() bool {
	switch r.What {
	case centralFile:
		return true
	case overLDAP:
		q := queryOf(r.Address)
		return q.scope != "base" && q.scope != "one" && (q.filter == "" || strings.EqualFold(q.filter, "(objectClass=*)")) &&
			(q.base == "" || isRoot(q.base))
	}
	return false
}

// entire tells that entries were read with all their attributes.
func (r *Reading) entire() bool {
	if r.What != overLDAP {
		return true
	}
	q := queryOf(r.Address)
	return len(q.attributes) == 0 || slices.Contains(q.attributes, "*")
}

// judgedReadings returns what the target handed out and could be read as a
// directory, of these sorts.
func (v *View) judgedReadings(what ...string) []*Reading {
	var all []*Reading
	for _, r := range v.Directories {
		if r.Emitter == evidence.Target && r.Shows != nil && slices.Contains(what, r.What) {
			all = append(all, r)
		}
	}
	return all
}

// ownEntry tells an entry whose content is the harness's doing: that of a
// provider that it plays, in a world whose entries are odd on purpose, or after
// it published a file of its own for it.
func (v *View) ownEntry(e *directory.Record, at time.Time) bool {
	p := v.provider(providerOf(e))
	if p == nil || p.Emitter == evidence.Target {
		return false
	}
	if slices.ContainsFunc(v.Case.Start.Tags, func(tag string) bool { return strings.TrimPrefix(tag, "@") == "odd-directory" }) {
		return true
	}
	return slices.ContainsFunc(v.Changes, func(c *Change) bool {
		return c.What != certificateRevoked && strings.EqualFold(c.Provider, p.Name) && !c.At.After(at)
	})
}

// knownDirectory returns the latest state of the directory that was seen at or
// before an instant, as the target showed it; nil when none was.
func (v *View) knownDirectory(at time.Time) *directory.Directory {
	var known *directory.Directory
	var since time.Time
	for _, t := range v.Trusts {
		if t.Directory != nil && !t.Instant.After(at) && !t.Instant.Before(since) {
			known, since = t.Directory, t.Instant
		}
	}
	for _, r := range v.judgedReadings(centralFile, overLDAP) {
		if r.whole() && r.entire() && !r.At.After(at) && !r.At.Before(since) {
			known, since = r.Shows, r.At
		}
	}
	return known
}

// directoryAt returns the directory that was seen last before an instant, or
// else the first one.
func (v *View) directoryAt(at time.Time) *directory.Directory {
	if known := v.knownDirectory(at); known != nil {
		return known
	}
	if t := v.trustAt(at); t != nil {
		return t.Directory
	}
	return nil
}
