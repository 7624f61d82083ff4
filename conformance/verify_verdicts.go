package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports"
	"github.com/collaudo/collaudo/rules"
)

// verdicts judges the evidence anew and holds run.json against that, octet for
// octet.
func (v *Verified) verdicts(ctx context.Context, dir string, checked *evidence.Checked, o VerifyOptions) error {
	manifest := checked.Manifest
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrHarness, err)
	}
	own, err := fingerprint(catalogue)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrHarness, err)
	}
	if manifest.Catalogue != own {
		return fmt.Errorf("%w: the hashes of %s hold, and its verdicts cannot be recomputed here: they were given by version %s under the rules and scenarios %.12s…, and this is version %s with %.12s…; verify it with that version, or see what today's rules say with 'collaudo report rejudge %s'",
			ErrUsage, dir, manifest.Version, manifest.Catalogue, o.Version, own, dir)
	}
	said, err := evidence.ReadPlain(filepath.Join(dir, reports.ResultFile), reports.MaxResult) // its hash holds: it is what was sealed
	if err != nil {
		v.add(Finding{File: reports.ResultFile, What: "is not there: the folder was sealed without its verdicts"})
		return nil //nolint:nilerr // it is a finding
	}
	if ctx.Err() != nil {
		return interruptedVerify(ctx)
	}
	var result *rules.Result
	if err := guarded("judge the evidence", func() error { result, err = Judge(dir, profileOf(said)); return err }); err != nil {
		return fmt.Errorf("%w: %w", ErrHarness, err)
	}
	shown, err := reports.Encode(result)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrHarness, err)
	}
	v.Verdict, v.Scenarios, v.Rules = result.Verdict, len(result.Scenarios), len(result.Rules)
	found := compareResults(said, shown)
	v.add(found...)
	if err := v.scenarios(dir, result.Run, catalogue, manifest.Version, o.Version); err != nil {
		return err
	}
	v.add(checkGate(dir, result, catalogue)...)
	v.checkCompared(dir, result)
	if len(found) > 0 && manifest.Version != o.Version {
		v.Notes = append(v.Notes, fmt.Sprintf("the verdicts were given by version %s, and this is version %s, whose judges may differ: verify with that version, or use 'collaudo report rejudge'", manifest.Version, o.Version))
	}
	if len(v.Findings) > 0 || ctx.Err() != nil {
		return interruptedVerify(ctx)
	}
	return v.renderings(ctx, dir, result, catalogue, checked, o)
}

// resultLists are the lists of run.json by the field that names an element.
func resultLists() []string { return []string{"scenarios", "rules"} }

// compareResults names what two texts of run.json say differently: in words where
// it is a verdict, by the name of the field elsewhere. Texts of one meaning that
// are written differently differ too.
func compareResults(said, shown []byte) []Finding {
	if bytes.Equal(said, shown) {
		return nil
	}
	var was, is map[string]json.RawMessage
	if err := json.Unmarshal(said, &was); err != nil {
		return []Finding{{File: reports.ResultFile, What: "cannot be read: " + err.Error()}}
	}
	if err := json.Unmarshal(shown, &is); err != nil { // what this program wrote a moment ago
		return []Finding{{File: reports.ResultFile, What: "cannot be compared: " + err.Error()}}
	}
	var found []Finding
	for _, list := range resultLists() {
		found = append(found, compareLists(list, was[list], is[list])...)
		delete(was, list)
		delete(is, list)
	}
	for _, f := range compareFields(was, is) {
		found = append(found, Finding{File: reports.ResultFile, What: f.words("of the run")})
	}
	if len(found) == 0 {
		found = append(found, Finding{File: reports.ResultFile, Line: lineOfDifference(said, shown), What: "says the same as the evidence in another form than the one in which it is written: the file was altered"})
	}
	return found
}

// lineOfDifference is the line at which two texts part, from 1.
func lineOfDifference(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return 1 + bytes.Count(a[:n], []byte("\n"))
}

// element is one rule or scenario of run.json.
type element struct {
	id     string
	fields map[string]json.RawMessage
}

func elements(list json.RawMessage) ([]element, error) {
	var all []map[string]json.RawMessage
	if err := json.Unmarshal(list, &all); err != nil {
		return nil, err
	}
	var found []element
	for _, fields := range all {
		e := element{fields: fields}
		if err := json.Unmarshal(fields["id"], &e.id); err != nil {
			return nil, fmt.Errorf("an element without an id: %w", err)
		}
		found = append(found, e)
	}
	return found, nil
}

// compareLists compares the rules, or the scenarios, one by one.
func compareLists(list string, said, shown json.RawMessage) []Finding {
	was, err := elements(said)
	if err != nil {
		return []Finding{{File: reports.ResultFile, What: fmt.Sprintf("holds no list %q that can be read: %v", list, err)}}
	}
	is, err := elements(shown)
	if err != nil {
		return []Finding{{File: reports.ResultFile, What: fmt.Sprintf("cannot be compared in %q: %v", list, err)}}
	}
	var found []Finding
	seen := map[string]bool{}
	for _, e := range is {
		seen[e.id] = true
		i := slices.IndexFunc(was, func(w element) bool { return w.id == e.id })
		if i < 0 {
			found = append(found, placed(list, e.id, fmt.Sprintf("says nothing at %s, the evidence says %s", e.id, verdictWord(e.fields))))
			continue
		}
		for _, f := range compareFields(was[i].fields, e.fields) {
			found = append(found, placed(list, e.id, f.words("at "+e.id)))
		}
	}
	for _, e := range was {
		if !seen[e.id] {
			found = append(found, placed(list, e.id, fmt.Sprintf("says %s at %s, of which the evidence says nothing", verdictWord(e.fields), e.id)))
		}
		seen[e.id] = true
	}
	if len(found) == 0 && len(was) != len(is) {
		found = append(found, Finding{File: reports.ResultFile, What: fmt.Sprintf("lists %d %s, the evidence %d: one stands there twice", len(was), list, len(is))})
	}
	return found
}

func placed(list, id, what string) Finding {
	if list == "rules" {
		return Finding{File: reports.ResultFile, Rule: id, What: what}
	}
	return Finding{File: reports.ResultFile, Scenario: id, What: what}
}

// fieldDifference is a field of which two texts say different things.
type fieldDifference struct {
	name      string
	was, is   json.RawMessage
	wasOf, of string // the verdicts that stand beside it
}

func compareFields(was, is map[string]json.RawMessage) []fieldDifference {
	names := maps.Clone(was)
	maps.Copy(names, is)
	var all []fieldDifference
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !bytes.Equal(was[name], is[name]) {
			all = append(all, fieldDifference{name, was[name], is[name], verdictWord(was), verdictWord(is)})
		}
	}
	return all
}

// words tells the difference; place is such as "at PEC-AP-005".
func (d fieldDifference) words(place string) string {
	if d.name == "checks" {
		return d.checkWords(place)
	}
	const most = 160
	cut := func(raw json.RawMessage) string {
		switch {
		case raw == nil:
			return "nothing"
		case len(raw) > most:
			return fmt.Sprintf("%.*s…", most, raw)
		}
		return string(raw)
	}
	if d.name == "verdict" {
		return fmt.Sprintf("says %s %s, the evidence says %s", d.wasOf, place, d.of)
	}
	return fmt.Sprintf("says %s as %q %s, the evidence says %s", cut(d.was), d.name, place, cut(d.is))
}

// checkWords names the first check that differs.
func (d fieldDifference) checkWords(place string) string {
	var was, is []rules.Check
	if json.Unmarshal(d.was, &was) != nil || json.Unmarshal(d.is, &is) != nil {
		return fmt.Sprintf("holds checks %s that cannot be read", place)
	}
	for i := range min(len(was), len(is)) {
		if was[i] == is[i] {
			continue
		}
		place := fmt.Sprintf("%s in check %d (%s, scenario %s)", place, i+1, is[i].By, is[i].Scenario)
		if was[i].Verdict != is[i].Verdict {
			return fmt.Sprintf("says %s %s, the evidence says %s", was[i].Verdict, place, is[i].Verdict)
		}
		return fmt.Sprintf("tells something else %s than the evidence, with the same verdict", place)
	}
	if len(was) != len(is) {
		return fmt.Sprintf("lists %d checks %s, the evidence %d", len(was), place, len(is))
	}
	return fmt.Sprintf("writes the checks %s differently", place)
}

// verdictWord is the verdict among the fields of a rule, a scenario or a run.
func verdictWord(fields map[string]json.RawMessage) string {
	var word string
	if json.Unmarshal(fields["verdict"], &word) != nil || word == "" {
		return "no verdict"
	}
	return word
}
