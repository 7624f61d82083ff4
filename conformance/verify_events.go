package conformance

import (
	"context"
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// events reads the log along its chain, holds every line against the form in which
// it is written, and looks for every piece of evidence that it cites.
func (v *Verified) events(ctx context.Context, dir string, checked *evidence.Checked, o VerifyOptions) error {
	kept, err := v.keptOctets(ctx, dir, checked)
	if err != nil {
		return err
	}
	cited := map[string]bool{}
	line := 0
	wrong := func(line int, what string) { v.add(Finding{File: evidence.EventsFile, Line: line, What: what}) }
	log, err := evidence.Exact(dir, o.Version, func(e evidence.Event) error {
		line++
		for _, hash := range e.Cited() {
			if !kept[hash] {
				v.add(Finding{File: evidence.EventsFile, Line: line, Scenario: e.Scenario, What: fmt.Sprintf("cites octets that are not in the folder: %s, in %s of scenario %s", hash, e.Type, e.Scenario)})
			}
			cited[hash] = true
		}
		return ctx.Err()
	}, wrong)
	v.Events, v.Octets = line, len(cited)
	switch {
	case ctx.Err() != nil:
		return interruptedVerify(ctx)
	case err != nil:
		v.add(Finding{File: evidence.EventsFile, What: "is not as it was written: " + err.Error()})
		return nil //nolint:nilerr // it is a finding, and no trouble of the verification
	}
	if log.Otherwise > 0 {
		v.Notes = append(v.Notes, fmt.Sprintf("%s: %d of %d events are not in the form in which this version writes them, and another version wrote them: verify them with that version", evidence.EventsFile, log.Otherwise, line))
	}
	switch {
	case log.Truncated && !log.Ended.IsZero():
		v.add(Finding{File: evidence.EventsFile, Line: line + 1, What: "is half a line after the end of the run: nothing is written there"})
	case log.Truncated:
		v.Notes = append(v.Notes, evidence.EventsFile+" ends in half a line: the run was cut short while it wrote")
	}
	return v.standing(ctx, dir, log, checked, o)
}

// keptOctets is what the drawers hold, by hash. Every piece must have the hash
// that its name says, whatever the manifest says of it.
func (v *Verified) keptOctets(ctx context.Context, dir string, checked *evidence.Checked) (map[string]bool, error) {
	kept := map[string]bool{}
	for _, f := range checked.Files {
		if ctx.Err() != nil {
			return nil, interruptedVerify(ctx)
		}
		if !strings.HasPrefix(f.Path, "evidence/") {
			continue
		}
		if !v.Sealed && evidence.HalfWritten(f.Path) {
			v.Notes = append(v.Notes, f.Path+" was being written when the run was cut short: nothing cites it")
			continue
		}
		hash, wrong, err := evidence.Kept(dir, f)
		switch {
		case err != nil:
			return nil, unreadable(err)
		case wrong != "":
			v.add(Finding{File: f.Path, What: wrong})
		default:
			kept[hash] = true
		}
	}
	return kept, nil
}
