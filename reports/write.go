package reports

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// Names of the files that Write makes in a run folder, beside ResultFile.
const (
	HTMLFile      = "report.html"
	JUnitFile     = "junit.xml"
	AuthorityFile = "trust/ca.pem"
	RevokedFile   = "trust/crl.pem"
	DirectoryFile = "trust/directory.ldif"
)

// Write writes everything in a run folder but the evidence, which is there
// already: the result, its renderings, and the trust data that were seen last,
// under names that other tools can be pointed at.
func Write(dir string, result *rules.Result, catalogue *rules.Catalogue) error {
	record, err := evidence.Open(dir)
	if err != nil {
		return err
	}
	octets, err := encodeResult(result)
	if err != nil {
		return err
	}
	if err := writeFile(dir, ResultFile, octets); err != nil {
		return err
	}
	if err := writeTrust(dir, record); err != nil {
		return err
	}
	if err := writeCleanup(dir); err != nil {
		return err
	}
	story := tell(record)
	if octets, err = renderJUnit(result, catalogue, story); err != nil {
		return err
	}
	if err := writeFile(dir, JUnitFile, octets); err != nil {
		return err
	}
	if octets, err = renderHTML(result, catalogue, story); err != nil {
		return err
	}
	return writeFile(dir, HTMLFile, octets)
}

// writeTrust copies the trust data that the last scenario with any saw.
func writeTrust(dir string, record *evidence.Record) error {
	for i := len(record.Cases) - 1; i >= 0; i-- {
		c := record.Cases[i]
		if len(c.Trust) == 0 {
			continue
		}
		last := c.Trust[len(c.Trust)-1]
		for name, hash := range map[string]string{AuthorityFile: last.Authority, RevokedFile: last.Revoked, DirectoryFile: last.Directory} {
			if hash == "" {
				continue
			}
			octets, err := c.Blob(hash)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if err := writeFile(dir, name, octets); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}

// writeFile writes a whole file or none of it: a report that was cut short
// must not look like a report.
func writeFile(dir, name string, octets []byte) error {
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	partial := path + ".partial"
	if err := os.WriteFile(partial, octets, 0o644); err != nil {
		os.Remove(partial) //nolint:errcheck // what could not be written may be there in part or not at all
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(partial, path)
}
