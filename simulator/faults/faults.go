// Package faults holds the named deviations of a simulated provider as data
// (catalogue/*.yaml), and the few operators that carry them out.
//
// Personalities (personalities.yaml) are legal but unusual ways of real systems.
// They act through the same doors, by the same operators, before any fault.
//
// A fault acts at one of a provider's doors: on a draft before it is rendered,
// on what is about to be signed, on who signs, on the signed message, on where
// it goes, on the result of a named check; and there are a few named behaviours
// that the provider asks about. Nothing else in the simulator knows faults.
//
// It does not know which rule of certified mail a fault breaks: the judged never
// reads the law. All is off until asked for, and a nil *Set does nothing.
//
// Rules (rules.go) switch faults on and off while a provider runs, limited to a
// sender, a recipient, a subject or a kind of message, and counted.
package faults

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed catalogue/*.yaml
var catalogueFiles embed.FS

// Fault is a named deviation, as data.
type Fault struct {
	ID     string   `yaml:"id"`     // kebab-case, stable
	Title  string   `yaml:"title"`  // one English line: what the provider does
	Family string   `yaml:"family"` // what part of a provider's work it concerns
	Kinds  []string `yaml:"kinds"`  // variants of drafts, or groups of them (see Groups); empty: all
	Act    `yaml:",inline"`
	Then   []Act `yaml:"then"` // further acts of the same fault, so that it stays consistent with itself
}

// Act is one thing a fault does.
type Act struct {
	At        Point             `yaml:"at"   json:"at"`
	Operator  string            `yaml:"do"   json:"do"`
	Arguments map[string]string `yaml:"with" json:"with,omitempty"`
}

// Point is a door of the provider.
type Point string

// The points.
const (
	AtIdentity  Point = "identity"  // how the provider names itself and its messages, once at its start
	AtDraft     Point = "draft"     // before rendering
	AtContent   Point = "content"   // after rendering, before signing
	AtSigner    Point = "signer"    // who signs, and how
	AtSealed    Point = "sealed"    // after signing
	AtEmission  Point = "emission"  // whether, how often and where to
	AtCheck     Point = "check"     // result of a named check
	AtBehaviour Point = "behaviour" // a named behaviour of the provider
	AtReply     Point = "reply"     // what is answered to an SMTP client, before anything is looked at
	AtDeadline  Point = "deadline"  // how long the hours are after which notices of delay are due
)

// catalogue is parsed once; it never changes.
var catalogue = sync.OnceValues(func() ([]Fault, error) {
	entries, err := catalogueFiles.ReadDir("catalogue")
	if err != nil {
		return nil, err
	}
	var whole []byte
	for _, e := range entries {
		data, err := catalogueFiles.ReadFile("catalogue/" + e.Name())
		if err != nil {
			return nil, err
		}
		whole = append(append(whole, data...), '\n')
	}
	return parse(whole)
})

func parse(data []byte) ([]Fault, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	var faults []Fault
	if err := decoder.Decode(&faults); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("faults: the catalogue is no list of faults: %w", err)
	}
	seen := map[string]bool{}
	for _, f := range faults {
		if f.ID == "" || seen[f.ID] {
			return nil, fmt.Errorf("faults: expected every fault to have an id of its own, found %q twice or empty", f.ID)
		}
		seen[f.ID] = true
		if _, err := compile(f); err != nil {
			return nil, err
		}
	}
	return faults, nil
}

// Catalogue lists all faults, in the order of the data file.
func Catalogue() []Fault {
	faults, err := catalogue()
	if err != nil {
		panic(err) // the embedded file is wrong; a test of this package reads it
	}
	return append([]Fault(nil), faults...)
}

// Lookup makes a Set of the faults named. An id may be limited to one provider
// as ID@service.domain, and PersonalityPrefix before it makes it the id of a
// personality. An unknown id is an error that suggests near ones. No ids give
// nil, which does nothing.
func Lookup(ids ...string) (*Set, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	all := known()
	set := &Set{}
	var faulty []act
	for _, id := range ids {
		name, provider, _ := strings.Cut(strings.TrimSpace(id), "@")
		ready, personal, err := actsOf(name, all)
		if err != nil {
			return nil, err
		}
		for _, a := range ready {
			a.provider = strings.ToLower(provider)
			if personal {
				set.acts = append(set.acts, a)
			} else {
				faulty = append(faulty, a)
			}
		}
		set.ids = append(set.ids, id)
	}
	set.acts = append(set.acts, faulty...) // what is wrong is done to what the personality made
	return set, nil
}

// known are all faults by id, put together once; nobody changes them.
var known = sync.OnceValue(func() map[string]Fault {
	all := map[string]Fault{}
	for _, f := range Catalogue() {
		all[f.ID] = f
	}
	return all
})

// actsOf makes ready what a fault, or a personality, does.
func actsOf(name string, known map[string]Fault) (acts []act, personal bool, err error) {
	if id, is := strings.CutPrefix(name, PersonalityPrefix); is {
		p, err := PersonalityOf(id)
		if err != nil {
			return nil, true, err
		}
		acts, err = p.compile()
		return acts, true, err
	}
	f, ok := known[name]
	if !ok {
		return nil, false, fmt.Errorf("faults: there is no fault %q; %s", name, suggest(name, slices.Collect(maps.Keys(known))))
	}
	acts, err = compile(f)
	return acts, false, err
}

// suggest names the ids nearest to a wrong one.
func suggest(wrong string, known []string) string {
	type candidate struct {
		id       string
		distance int
	}
	var near []candidate
	for _, id := range known {
		d := distance(wrong, id)
		if strings.Contains(id, wrong) && wrong != "" {
			d = 0
		}
		near = append(near, candidate{id, d})
	}
	sort.Slice(near, func(i, j int) bool {
		if near[i].distance != near[j].distance {
			return near[i].distance < near[j].distance
		}
		return near[i].id < near[j].id
	})
	var ids []string
	for _, c := range near[:min(3, len(near))] {
		ids = append(ids, c.id)
	}
	return "did you mean " + strings.Join(ids, ", ") + "?"
}

// distance is the number of letters to change, add or leave out (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
