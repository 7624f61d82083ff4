package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/features"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// fingerprint is the SHA-256, in hex, of the rules and of the feature files that
// are built in: where it is the same, the same is asked of a target, and "full"
// means the same.
func fingerprint(catalogue *rules.Catalogue) (string, error) {
	return fingerprintOf(catalogue, features.Files)
}

func fingerprintOf(catalogue *rules.Catalogue, files fs.FS) (string, error) {
	names, err := fs.Glob(files, "*.feature") // sorted
	if err != nil {
		return "", err
	}
	whole := sha256.New()
	io.WriteString(whole, "rules "+catalogue.Fingerprint()+"\n") //nolint:errcheck // a hash takes everything
	for _, name := range names {
		octets, err := fs.ReadFile(files, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(whole, "%s %x\n", name, sha256.Sum256(octets)) //nolint:errcheck // likewise
	}
	return hex.EncodeToString(whole.Sum(nil)), nil
}

// yardstick fills in by what this version measures such a run: the fingerprint, and
// how many scenarios there are.
func yardstick(o reports.WriteOptions, run evidence.Run, catalogue *rules.Catalogue) (reports.WriteOptions, error) {
	all, err := scenariosFor(run.Kind == evidence.KindClient)
	if err != nil {
		return o, err
	}
	o.Scenarios = len(all)
	o.Fingerprint, err = fingerprint(catalogue)
	return o, err
}

// write writes the report of a run into its folder, and seals it.
func write(dir string, result *rules.Result, catalogue *rules.Catalogue, o reports.WriteOptions) error {
	o, err := yardstick(o, result.Run, catalogue)
	if err == nil {
		err = reports.Write(dir, result, catalogue, o)
	}
	switch {
	case errors.Is(err, evidence.ErrForeign):
		return fmt.Errorf("%w: %w; then 'collaudo report render %s'", ErrUsage, err, dir)
	case err != nil:
		return fmt.Errorf("%w: write the report: %w", ErrHarness, err)
	}
	return nil
}

// notWhole says why a run is not of everything although it says so; "": it is, or
// does not say so. A run's own word for its scope is what its verdict speaks for:
// taken alone, whoever takes scenarios that fail out of a run would make it green.
func notWhole(run evidence.Run, catalogue *rules.Catalogue) (string, error) {
	scope, selected := run.Scope, run.Selected
	if scope == scopeShard && run.Shard != nil {
		scope, selected = run.Shard.Scope, run.Shard.Selected
	}
	switch scope {
	case "full":
	case "subset":
		return "", nil
	default:
		return fmt.Sprintf("says that the scope of the run is %q: expected full, subset or a shard of one of them", run.Scope), nil
	}
	client := run.Kind == evidence.KindClient
	all, err := scenariosFor(client)
	if err != nil {
		return "", err
	}
	var missing []string
	for _, s := range all {
		if !slices.Contains(selected, s.ID) {
			missing = append(missing, s.ID)
		}
	}
	binding := 0
	if client {
		binding = len((&Options{}).clientRules(catalogue))
	}
	switch {
	case len(missing) > 0:
		return fmt.Sprintf("says that the scope of the run is full, and %d of the %d scenarios of this version are not in it: %s", len(missing), len(all), few(missing)), nil
	case len(selected) != len(all):
		return fmt.Sprintf("says that the scope of the run is full, and lists %d scenarios where this version has %d", len(selected), len(all)), nil
	case len(run.Rules) != binding || run.Tags != "" && !client:
		return "says that the scope of the run is full, and that it was asked for some rules or tags only", nil
	}
	return "", nil
}

// few lists the first of some names.
func few(names []string) string {
	const most = 5
	if n := len(names); n > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", n-most)
	}
	return strings.Join(names, ", ")
}
