package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
)

// Fingerprint is the SHA-256, in hex, of the data that the catalogue was read
// from, names included: two catalogues with one fingerprint ask the same.
func (c *Catalogue) Fingerprint() string { return c.fingerprint }

// fingerprintOf hashes every file in the order of their names.
func fingerprintOf(fsys fs.FS) (string, error) {
	whole := sha256.New()
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		octets, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(whole, "%s %x\n", name, sha256.Sum256(octets)) // a hash never fails to take in
		return err
	})
	if err != nil {
		return "", fmt.Errorf("hash the catalogue: %w", err)
	}
	return hex.EncodeToString(whole.Sum(nil)), nil
}
