package faults

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed personalities.yaml
var personalityFile []byte

// PersonalityPrefix before an id, in the list given to Lookup, says that it is
// the id of a personality.
const PersonalityPrefix = "personality:"

// Personality is a legal but unusual way of being a provider, as data: what a
// family of real systems does differently from the plain messages of this
// simulator. What such a family does wrong is a fault of its own.
type Personality struct {
	ID    string   `yaml:"id"`    // kebab-case, stable
	Title string   `yaml:"title"` // one English line
	Acts  []Manner `yaml:"acts"`
}

// Manner is one thing a personality does, limited to kinds of messages where
// it says so.
type Manner struct {
	Kinds []string `yaml:"kinds"` // as in Fault
	Act   `yaml:",inline"`
}

var personalities = sync.OnceValues(func() ([]Personality, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(personalityFile))
	decoder.KnownFields(true)
	var list []Personality
	if err := decoder.Decode(&list); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("faults: personalities.yaml is no list of personalities: %w", err)
	}
	seen := map[string]bool{}
	for _, p := range list {
		if p.ID == "" || seen[p.ID] {
			return nil, fmt.Errorf("faults: expected every personality to have an id of its own, found %q twice or empty", p.ID)
		}
		seen[p.ID] = true
		if _, err := p.compile(); err != nil {
			return nil, err
		}
	}
	return list, nil
})

// Personalities lists all personalities, in the order of the data file.
func Personalities() []Personality {
	list, err := personalities()
	if err != nil {
		panic(err) // the embedded file is wrong; a test of this package reads it
	}
	return append([]Personality(nil), list...)
}

// PersonalityOf gives the personality of that id. An unknown id is an error that
// suggests near ones.
func PersonalityOf(id string) (Personality, error) {
	var ids []string
	for _, p := range Personalities() {
		if p.ID == id {
			return p, nil
		}
		ids = append(ids, p.ID)
	}
	return Personality{}, fmt.Errorf("faults: there is no personality %q; %s", id, suggest(id, ids))
}

// compile checks a personality and makes its acts ready.
func (p Personality) compile() ([]act, error) {
	var acts []act
	for _, m := range p.Acts {
		ready, err := prepare(p.ID, m.Act)
		if err != nil {
			return nil, err
		}
		if ready.variants, err = expand(p.ID, m.Kinds); err != nil {
			return nil, err
		}
		acts = append(acts, ready)
	}
	return acts, nil
}
