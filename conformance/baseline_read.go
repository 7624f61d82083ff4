package conformance

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/collaudo/collaudo/rules"
)

// maxBaseline bounds a baseline file; larger means that it is something else.
const maxBaseline = 1 << 20

// ReadBaseline reads a baseline (YAML) strictly: what is wrong with it is told
// line by line, with ErrUsage. An entry names the check, the scenario or several,
// and has an owner, a reason and the last day on which it covers; a link to the
// issue is welcome. Rules and scenarios that this version does not have are
// refused: such an entry would never be stale, whatever became of the failure.
func ReadBaseline(path string) (*Baseline, error) {
	refuse := func(err error) (*Baseline, error) {
		return nil, fmt.Errorf("%w: the baseline %s: %w", ErrUsage, path, err)
	}
	octets, err := readBounded(path)
	if err != nil {
		return refuse(err)
	}
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return nil, err
	}
	known, err := everyScenario()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(octets)
	r := &baselineReader{catalogue: catalogue, scenarios: known, met: map[string]int{}}
	b := &Baseline{File: path, SHA256: hex.EncodeToString(sum[:])}
	if err := r.read(octets, b); err != nil {
		return refuse(err)
	}
	return b, nil
}

func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	octets, err := io.ReadAll(io.LimitReader(file, maxBaseline+1))
	switch {
	case err != nil:
		return nil, err
	case len(octets) > maxBaseline:
		return nil, fmt.Errorf("it is larger than %d bytes: is it the right file?", maxBaseline)
	}
	return octets, nil
}

// everyScenario lists the ids of the scenarios for providers and for clients.
func everyScenario() ([]string, error) {
	var ids []string
	for _, list := range []func() ([]Scenario, error){Scenarios, ClientScenarios} {
		all, err := list()
		if err != nil {
			return nil, err
		}
		for _, s := range all {
			ids = append(ids, s.ID)
		}
	}
	return ids, nil
}

// baselineReader reads one file and collects what is wrong with it.
type baselineReader struct {
	catalogue *rules.Catalogue
	scenarios []string
	met       map[string]int // check and scenario → line
	wrong     []error
}

func (r *baselineReader) complain(n *yaml.Node, format string, values ...any) {
	r.wrong = append(r.wrong, fmt.Errorf("line %d: "+format, append([]any{n.Line}, values...)...))
}

func (r *baselineReader) read(octets []byte, b *Baseline) error {
	var document, second yaml.Node
	unreadable := func(err error) error {
		return fmt.Errorf("it does not read as YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	decoder := yaml.NewDecoder(bytes.NewReader(octets))
	if err := decoder.Decode(&document); err != nil && !errors.Is(err, io.EOF) {
		return unreadable(err)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return fmt.Errorf("line %d: a second document begins behind ---, and nobody would read it: write one list of failures", second.Line)
	case err != nil && !errors.Is(err, io.EOF):
		return unreadable(err)
	}
	if len(document.Content) != 1 {
		return errors.New("it is empty: 'collaudo report baseline RUN' writes one to begin with")
	}
	top := r.mapping(document.Content[0], "the file", "version", "profile", "failures")
	if version := top["version"]; version == nil || version.Value != "1" {
		r.complain(document.Content[0], "expected version: 1, the only form of baselines that this Collaudo knows")
	}
	if profile := top["profile"]; profile != nil {
		b.Profile = rules.Profile(profile.Value)
		if b.Profile != rules.Practice && b.Profile != rules.Strict {
			r.complain(profile, "the profile is %q: expected practice or strict", profile.Value)
		}
	}
	list := top["failures"]
	switch {
	case list == nil && len(r.wrong) == 0:
		r.complain(document.Content[0], "there is no list of failures: write failures: [] where none is known")
	case list == nil:
	case list.Kind != yaml.SequenceNode:
		r.complain(list, "failures: expected a list of entries")
	default:
		for _, n := range list.Content {
			b.entries = append(b.entries, r.entry(n))
		}
	}
	return errors.Join(r.wrong...)
}

// mapping returns the values of a mapping by key, and complains of keys that are
// not known or come twice.
func (r *baselineReader) mapping(n *yaml.Node, what string, keys ...string) map[string]*yaml.Node {
	values := map[string]*yaml.Node{}
	if n.Kind != yaml.MappingNode {
		r.complain(n, "%s: expected keys with values: %s", what, strings.Join(keys, ", "))
		return values
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case !slices.Contains(keys, key.Value):
			r.complain(key, "%s has no key %q%s; the keys are %s", what, key.Value, meant(key.Value, keys), strings.Join(keys, ", "))
		case values[key.Value] != nil:
			r.complain(key, "the key %s stands here for the second time", key.Value)
		case value.Kind == yaml.AliasNode || value.Anchor != "":
			r.complain(value, "%s: anchors and aliases are not for baselines: write it out", key.Value)
		default:
			values[key.Value] = value
		}
	}
	return values
}

// ordinalForm is what stands behind an expectation that is not the first of its like.
var ordinalForm = regexp.MustCompile(`^([2-9]|[1-9][0-9]+)$`)

// knownExpectation tells that a check by an expectation can have that name.
func knownExpectation(by string) bool {
	name, ordinal, several := strings.Cut(by, ".")
	return slices.Contains(rules.ExpectationChecks(), name) && (!several || ordinalForm.MatchString(ordinal))
}

func (r *baselineReader) entry(n *yaml.Node) baselineEntry {
	e := baselineEntry{line: n.Line}
	values := r.mapping(n, "an entry", "check", "scenarios", "seen", "owner", "reason", "issue", "expires")
	if n.Kind != yaml.MappingNode {
		return e
	}
	e.check = r.text(n, values, "check", "the check that fails, such as PEC-AP-012/judge")
	if rule, by, _ := strings.Cut(e.check, "/"); e.check != "" {
		if _, known := r.catalogue.Rule(rule); !known {
			r.complain(values["check"], "check: no rule is called %q%s", rule, or(r.catalogue.Suggest(rule)))
		}
		if by != byJudge && !knownExpectation(by) {
			r.complain(values["check"], "check: behind the rule and a / stands %q%s: expected judge, or what an expectation of the scenario asks, such as refused, or refused.2 for the second of its like", by, meant(by, rules.ExpectationChecks()))
		}
	}
	e.scenarios = r.scenariosOf(n, values["scenarios"])
	for _, id := range e.scenarios {
		if before, twice := r.met[e.check+" "+id]; twice {
			r.complain(n, "%s in %s stands in line %d already", e.check, id, before)
		}
		r.met[e.check+" "+id] = n.Line
	}
	e.seen = r.senses(n, values["seen"])
	e.owner = r.text(n, values, "owner", "who answers for it")
	e.reason = r.text(n, values, "reason", "why it is tolerated for now")
	if values["issue"] != nil {
		e.issue = strings.TrimSpace(values["issue"].Value)
		if link, err := url.Parse(e.issue); e.issue != "" && (err != nil || link.Host == "" || link.Scheme != "https" && link.Scheme != "http") {
			r.complain(values["issue"], "issue: %q is no link: expected one that begins with https://, or no issue at all", e.issue)
		}
	}
	if e.expires = r.text(n, values, "expires", "the last day on which it covers, such as 2026-12-31"); e.expires != "" {
		if _, err := time.Parse(day, e.expires); err != nil {
			r.complain(values["expires"], "expires: %q is no day: expected one such as 2026-12-31", e.expires)
		}
	}
	return e
}

// senseForm is how reports.Sense names what is seen.
var senseForm = regexp.MustCompile(`^[0-9a-f]{12}$`)

// senses reads as what the failure is seen: one name or a list. Without one an
// entry would cover whatever that judge finds in that scenario.
func (r *baselineReader) senses(entry, n *yaml.Node) []string {
	const from = "'collaudo report baseline RUN' writes it"
	if n == nil {
		r.complain(entry, "the entry has no seen, by which the failure is told from another of the same judge: %s", from)
		return nil
	}
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	seen := []string{}
	for _, item := range list {
		if item.Kind != yaml.ScalarNode || !senseForm.MatchString(item.Value) {
			r.complain(item, "seen: %q is not how a failure is named: expected 12 hexadecimal digits: %s", item.Value, from)
			continue
		}
		seen = append(seen, item.Value)
	}
	if len(list) == 0 {
		r.complain(n, "seen is empty: %s", from)
	}
	return seen
}

// text is a value that has to be there.
func (r *baselineReader) text(entry *yaml.Node, values map[string]*yaml.Node, key, what string) string {
	n := values[key]
	switch {
	case n == nil:
		r.complain(entry, "the entry has no %s: %s", key, what)
		return ""
	case n.Kind != yaml.ScalarNode || n.Tag == "!!null" || strings.TrimSpace(n.Value) == "":
		r.complain(n, "%s is empty: %s", key, what)
		return ""
	}
	return strings.TrimSpace(n.Value)
}

// scenariosOf reads one scenario or a list of them.
func (r *baselineReader) scenariosOf(entry, n *yaml.Node) []string {
	if n == nil {
		r.complain(entry, "the entry has no scenarios: in which the check fails, one or a list")
		return nil
	}
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	var ids []string
	for _, item := range list {
		switch {
		case item.Kind != yaml.ScalarNode || strings.TrimSpace(item.Value) == "":
			r.complain(item, "scenarios: expected ids of scenarios")
		case !slices.Contains(r.scenarios, item.Value):
			r.complain(item, "scenarios: no scenario is called %q%s", item.Value, meant(item.Value, r.scenarios))
		default:
			ids = append(ids, item.Value)
		}
	}
	if len(list) == 0 {
		r.complain(n, "scenarios is empty: in which the check fails, one or a list")
	}
	return ids
}

// meant offers the names nearest to a wrong one.
func meant(wrong string, known []string) string { return or(rules.Nearest(wrong, known)) }

func or(near []string) string {
	if len(near) == 0 {
		return ""
	}
	return ": did you mean " + strings.Join(near, " or ") + "?"
}
