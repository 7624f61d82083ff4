package conformance

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// keepWhatKills leaves in a mutant's folder the checks that kill it and the
// octets that they speak of, and throws away the rest: hundreds of run folders
// that say the same would help nobody.
func keepWhatKills(dir string, by []rules.Check) error {
	record, err := evidence.Open(dir)
	if err != nil {
		return err
	}
	kept := dir + ".kept"
	if err := os.MkdirAll(kept, 0o755); err != nil {
		return err
	}
	for _, c := range by {
		if c.Where.Blob == "" {
			continue // nothing came: there is no message to show
		}
		path := record.Path(c.Where.Blob)
		if path == "" {
			continue // what it speaks of was worked out, and is in no drawer
		}
		if path == "" {
			continue // only its hash is known: it was handed over and never arrived
		}
		octets, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
		if err != nil {
			return fmt.Errorf("the evidence that kills at %s: %w", c.Rule, err)
		}
		if err := os.WriteFile(filepath.Join(kept, filepath.Base(path)), octets, 0o644); err != nil {
			return err
		}
	}
	encoded, err := json.MarshalIndent(by, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(kept, "checks.json"), append(encoded, '\n'), 0o644); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Rename(kept, dir)
}
