package reports

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	gherkin "github.com/cucumber/gherkin/go/v42"
	messages "github.com/cucumber/messages/go/v34"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// sources tells the feature files as they were when the run was played, and
// finds in them the pickle of each scenario: what was carried out, an Examples
// row with its values filled in.
func (m *messenger) sources(result *rules.Result) (map[string]*messages.Pickle, error) {
	found := map[string]*messages.Pickle{}
	var keys []string
	groups := map[string][]*evidence.Case{}
	for _, r := range result.Scenarios {
		c := m.cases[r.ID]
		if c == nil {
			continue
		}
		key := c.Start.File + "\x00" + c.Start.Source
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], c)
	}
	slices.Sort(keys)
	for _, key := range keys {
		if err := m.source(groups[key], found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// source tells one feature file with those of its scenarios that were played.
func (m *messenger) source(played []*evidence.Case, found map[string]*messages.Pickle) error {
	start := played[0].Start
	text, lines, err := featureTexts(played)
	if err != nil {
		return err
	}
	document, err := gherkin.ParseGherkinDocument(bytes.NewReader(text), m.id)
	if err != nil {
		return fmt.Errorf("the feature file %s, as evidence kept it: %w", start.File, err)
	}
	document.Uri = start.File
	m.write(&messages.Envelope{Source: &messages.Source{Uri: start.File, Data: string(text), MediaType: messages.SourceMediaType_TEXT_X_CUCUMBER_GHERKIN_PLAIN}})
	m.write(&messages.Envelope{GherkinDocument: document})
	for _, pickle := range gherkin.Pickles(*document, start.File, m.id) {
		if pickle.Location == nil || lines[pickle.Location.Line] == "" {
			continue // another part of the file, that was not played
		}
		found[lines[pickle.Location.Line]] = pickle
		m.write(&messages.Envelope{Pickle: pickle})
	}
	for _, c := range played {
		if found[c.Start.ID] == nil {
			return fmt.Errorf("the feature file %s, as evidence kept it, has no scenario at line %d, where %s should be", start.File, c.Start.Line, c.Start.ID)
		}
	}
	return nil
}

// featureTexts is the text of a feature file and, by line, the scenarios in it.
// Runs of versions that kept no file are told by what they recorded of each
// scenario: its title, its tags and its steps, without their tables.
func featureTexts(played []*evidence.Case) (text []byte, lines map[int64]string, err error) {
	lines = map[int64]string{}
	if start := played[0].Start; start.Source != "" {
		for _, c := range played {
			lines[c.Start.Line] = c.Start.ID
		}
		text, err = played[0].Blob(start.Source)
		return text, lines, err
	}
	var b strings.Builder
	next := int64(1)
	line := func(words ...string) {
		b.WriteString(strings.Join(strings.Fields(strings.Join(words, " ")), " ") + "\n")
		next++
	}
	line("Feature:", played[0].Start.Feature)
	for _, c := range played {
		line()
		var tags []string
		for _, t := range slices.Concat([]string{"@id:" + c.Start.ID}, c.Start.Tags) {
			tags = append(tags, "@"+strings.Join(strings.FieldsFunc(t, func(r rune) bool { return r == '@' || r == ' ' || r == '#' }), ""))
		}
		for _, id := range c.Start.Rules {
			tags = append(tags, "@"+id)
		}
		line(tags...)
		lines[next] = c.Start.ID
		line("Scenario:", c.Start.Name)
		for _, step := range c.Start.Steps {
			line(step)
		}
	}
	return []byte(b.String()), lines, nil
}
