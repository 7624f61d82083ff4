package conformance

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/steps"
)

// maxTargetFile bounds a target file; larger means that it is something else.
const maxTargetFile = 1 << 20

// ReadTarget reads the target file of a run into its options: Client for a mail
// client, Target for providers.
func (o *Options) ReadTarget(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("%w: the target file cannot be read: %w", ErrUsage, err)
	}
	if info.Size() > maxTargetFile {
		return fmt.Errorf("%w: %s is larger than %d bytes: is it the right file?", ErrUsage, path, maxTargetFile)
	}
	octets, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%w: the target file cannot be read: %w", ErrUsage, err)
	}
	kind, err := steps.KindOfTarget(octets)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrUsage, path, err)
	}
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	text := strings.NewReader(string(octets))
	switch kind {
	case steps.KindClient:
		if o.Client, err = steps.ReadClient(text, folder); err == nil {
			o.Client.File = path
		}
	case steps.KindProvider, "":
		if o.Target, err = steps.ReadTarget(text, folder); err == nil {
			o.Target.File = path
		}
	default:
		err = fmt.Errorf("it describes a target of kind %q: expected %s (or none) for providers, or %s for a mail client", kind, steps.KindProvider, steps.KindClient)
	}
	if err != nil {
		o.Client, o.Target = nil, nil
		return fmt.Errorf("%w: %s: %w", ErrUsage, path, err)
	}
	return nil
}

// TargetName is what the target file calls what is judged; "" for the built-in
// pair.
func (o *Options) TargetName() string {
	switch {
	case o.Client != nil:
		return o.Client.Name
	case o.Target != nil:
		return o.Target.Name
	}
	return ""
}

// checkClaims refuses claims and declarations that the catalogue does not know.
func (o *Options) checkClaims() error {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return err
	}
	var wrong []error
	var names []string
	for _, c := range rules.Capabilities() {
		names = append(names, string(c))
	}
	for _, claim := range o.Target.Claims {
		if !slices.Contains(names, claim) {
			wrong = append(wrong, fmt.Errorf("claims: %q is no capability that the rules leave to the provider: expected one of %s", claim, strings.Join(names, ", ")))
		}
	}
	for _, id := range o.Target.Declares {
		law, known := catalogue.Rule(id)
		switch {
		case !known:
			wrong = append(wrong, fmt.Errorf("declares: the catalogue has no rule %q", id))
		case law.Excluded == nil || !law.Excluded.Declarable:
			wrong = append(wrong, fmt.Errorf("declares: %s is judged, or nobody can declare it: only duties that no harness can see are declared", id))
		}
	}
	return errors.Join(wrong...)
}
