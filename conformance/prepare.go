package conformance

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/faults"
)

// prepare checks everything that can be known before the first message, so
// that a mistake of the asker is told at once and costs nothing. keys may be
// shared with other runs.
func prepare(o Options, keys *authority.Pool) (*trial, error) {
	if o.Resume != "" && o.Out == "" {
		o.Out = o.Resume
	}
	if o.Profile == "" {
		o.Profile = rules.Practice
	}
	if o.Profile != rules.Practice && o.Profile != rules.Strict {
		return nil, fmt.Errorf("%w: unknown profile %q: choose practice or strict", ErrUsage, o.Profile)
	}
	if o.Workers < 0 {
		return nil, fmt.Errorf("%w: %d scenarios at a time make no sense: give a number above zero, or 0 for as many as suit the machine", ErrUsage, o.Workers)
	}
	if err := o.Baseline.fits(o.Profile, o.Now()); err != nil {
		return nil, err
	}
	compared, err := o.earlierRun()
	if err != nil {
		return nil, err
	}
	catalogue, selection, err := o.selected()
	if err != nil {
		return nil, err
	}
	if o.Workers == 0 {
		o.Workers = 2 * runtime.GOMAXPROCS(0)
	}
	if err := checkFaultDomains(o.Faults); err != nil {
		return nil, err
	}
	door, err := o.door(len(selection.Scenarios))
	if err != nil {
		return nil, err
	}
	if err := o.prepareFolder(); err != nil {
		return nil, err
	}
	t := &trial{options: o, catalogue: catalogue, selection: selection, door: door, compared: compared}
	t.endpoint = o.newEndpoint(door)
	if t.endpoint == nil { // a real target brings its own keys and its own authority
		if t.shared, err = newSetting(o.Now, keys, o.manners()); err != nil {
			return nil, err
		}
	}
	return t, t.openEvidence()
}

// selected asks the target what it is, and chooses what is to be played of it.
func (o *Options) selected() (*rules.Catalogue, Selection, error) {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		return nil, Selection{}, err
	}
	all, err := scenariosFor(o.Client != nil)
	if err != nil {
		return nil, Selection{}, err
	}
	if err := o.askClient(catalogue); err != nil {
		return nil, Selection{}, err
	}
	if err := o.askEndpoint(); err != nil {
		return nil, Selection{}, err
	}
	if o.Personality != "" {
		if _, err := faults.PersonalityOf(o.Personality); err != nil {
			return nil, Selection{}, fmt.Errorf("%w: %w", ErrUsage, err)
		}
	}
	if _, err := faults.Lookup(o.manners()...); err != nil {
		return nil, Selection{}, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	chosen, err := choose(all, catalogue, o.Rules, o.Tags)
	if err != nil {
		return nil, Selection{}, err
	}
	if o.Client != nil && len(chosen.Scenarios) == len(all) && len(chosen.Rules) == len(o.clientRules(catalogue)) {
		chosen.Scope = "full"
	}
	chosen, err = chosen.shard(o.Shard)
	return catalogue, chosen, err
}

// checkFaultDomains refuses a fault that is limited to a provider which the
// world does not have: it would never act, and the run would look clean.
func checkFaultDomains(ids []string) error {
	var domains []string
	for _, p := range simulator.Pair().Providers {
		domains = append(domains, p.ServiceDomain)
	}
	for _, id := range ids {
		if _, domain, limited := strings.Cut(id, "@"); limited && !slices.Contains(domains, strings.ToLower(domain)) {
			return fmt.Errorf("%w: no provider has the service domain %q of --fault %s: there are %s", ErrUsage, domain, id, strings.Join(domains, " and "))
		}
	}
	return nil
}

// prepareFolder makes the run folder, and refuses one that holds something: a
// report must never be a mixture of two runs.
func prepareFolder(dir string) error {
	if dir == "" {
		return fmt.Errorf("%w: no folder for the report was given", ErrUsage)
	}
	entries, err := os.ReadDir(dir)
	switch {
	case err == nil && len(entries) > 0:
		return fmt.Errorf("%w: %s is not empty; choose a new folder", ErrUsage, dir)
	case err == nil || errors.Is(err, os.ErrNotExist):
	default:
		return fmt.Errorf("%w: the folder for the report cannot be used: %w", ErrUsage, err)
	}
	return takes(dir)
}

// takes makes the folder for a report, and sees that it can be written to.
func takes(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("%w: the folder for the report cannot be made: %w", ErrUsage, err)
	}
	return probe(dir)
}

// What the folder for the report must take before a run begins: less than any
// report. A full disk makes files, and takes no octets.
const (
	probeFile   = ".writable"
	probeOctets = 64 << 10
)

func probe(dir string) error {
	path := filepath.Join(dir, probeFile)
	if err := os.WriteFile(path, make([]byte, probeOctets), 0o644); err != nil {
		os.Remove(path) //nolint:errcheck // it may be there in part or not at all
		return fmt.Errorf("%w: the folder for the report cannot be written to: %w", ErrUsage, err)
	}
	return os.Remove(path)
}
