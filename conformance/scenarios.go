package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"

	gherkin "github.com/cucumber/gherkin/go/v42"
	messages "github.com/cucumber/messages/go/v34"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/features"
)

// Scenario is one scenario of the features, an Examples row counting as one.
type Scenario struct {
	ID      string // of its @id: tag; for an Examples row, with the row's "id" cell behind it
	Name    string
	Feature string   // title of the feature
	File    string   // file name
	Block   string   // title of the Rule: block
	Rules   []string // rule ids it is tagged with: what its Then decides
	Tags    []string // every tag, "@" included

	pickle *messages.Pickle
	source []byte // the feature file it stands in
}

// tagClient marks scenarios that judge a mail client and not providers.
const tagClient = "@client"

// Scenarios returns every scenario for providers, in the order of the files.
func Scenarios() ([]Scenario, error) { return scenariosFor(false) }

// ClientScenarios returns every scenario for a mail client.
func ClientScenarios() ([]Scenario, error) { return scenariosFor(true) }

// builtIn reads the scenarios that are part of the program once: each run, and each
// of the hundreds that try mutants, asks for them, and nobody changes them.
var builtIn = sync.OnceValues(func() ([]Scenario, error) { return readScenarios(features.Files) })

func scenariosFor(client bool) ([]Scenario, error) {
	all, err := builtIn()
	return filter(all, func(s Scenario) bool { return slices.Contains(s.Tags, tagClient) == client }), err
}

func readScenarios(files fs.FS) ([]Scenario, error) {
	names, err := fs.Glob(files, "*.feature")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("there is no feature file: a run of it would be one of nothing")
	}
	var all []Scenario
	seen := map[string]string{}
	for _, name := range names {
		read, err := readFeature(files, name)
		if err != nil {
			return nil, err
		}
		for _, s := range read {
			if other, twice := seen[s.ID]; twice {
				return nil, fmt.Errorf("scenario id %q stands in %s and in %s: ids are unique", s.ID, other, s.File)
			}
			seen[s.ID] = s.File
		}
		all = append(all, read...)
	}
	return all, nil
}

func readFeature(files fs.FS, name string) ([]Scenario, error) {
	source, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	return featureIn(source, name)
}

// featureIn reads the scenarios of a feature file that was read already.
func featureIn(source []byte, name string) ([]Scenario, error) {
	next := 0
	newID := func() string { next++; return strconv.Itoa(next) }
	document, err := gherkin.ParseGherkinDocument(bytes.NewReader(source), newID)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if document.Feature == nil {
		return nil, fmt.Errorf("%s holds no feature", name)
	}
	if err := unplayable(document.Feature); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	index := indexOf(document.Feature)
	var read []Scenario
	for _, pickle := range gherkin.Pickles(*document, name, newID) {
		s := Scenario{Name: pickle.Name, Feature: document.Feature.Name, File: name, pickle: pickle, source: source}
		for _, tag := range pickle.Tags {
			s.Tags = append(s.Tags, tag.Name)
			if id, is := strings.CutPrefix(tag.Name, "@id:"); is {
				s.ID = id
			} else if strings.HasPrefix(tag.Name, "@PEC-") {
				s.Rules = append(s.Rules, tag.Name[1:])
			}
		}
		s.Block = index.blocks[pickle.AstNodeIds[0]]
		if len(pickle.AstNodeIds) > 1 {
			s.ID += "-" + index.rows[pickle.AstNodeIds[1]]
			s.Tags = append(s.Tags, "@id:"+s.ID) // a row can be chosen by itself, and all by the outline's own tag
		}
		if s.ID == "" || strings.HasSuffix(s.ID, "-") {
			return nil, fmt.Errorf("%s: scenario %q has no id: give it a tag @id:…, and an outline an \"id\" column", name, s.Name)
		}
		if len(s.Rules) == 0 {
			return nil, fmt.Errorf("%s: scenario %s names no rule: give it a tag @PEC-…", name, s.ID)
		}
		slices.Sort(s.Rules)
		s.Rules = slices.Compact(s.Rules)
		read = append(read, s)
	}
	return read, nil
}

// featureIndex finds what a pickle does not carry: its Rule: block, and the
// cell in the column "id" of its Examples row.
type featureIndex struct{ blocks, rows map[string]string }

func indexOf(feature *messages.Feature) featureIndex {
	index := featureIndex{map[string]string{}, map[string]string{}}
	for _, child := range feature.Children {
		if child.Scenario != nil {
			index.scenario(child.Scenario, "")
		}
		if child.Rule != nil {
			for _, inner := range child.Rule.Children {
				if inner.Scenario != nil {
					index.scenario(inner.Scenario, child.Rule.Name)
				}
			}
		}
	}
	return index
}

func (index featureIndex) scenario(s *messages.Scenario, block string) {
	index.blocks[s.Id] = block
	for _, examples := range s.Examples {
		if examples.TableHeader == nil {
			continue
		}
		column := slices.IndexFunc(examples.TableHeader.Cells, func(c *messages.TableCell) bool { return c.Value == "id" })
		for _, row := range examples.TableBody {
			if column >= 0 {
				index.rows[row.Id] = row.Cells[column].Value
			}
		}
	}
}

// start is the scenario as evidence records it.
func (s Scenario) start() *evidence.Start {
	start := &evidence.Start{ID: s.ID, Name: s.Name, Feature: s.Feature, File: s.File, Rule: s.Block, Rules: s.Rules}
	if s.pickle.Location != nil {
		start.Line = s.pickle.Location.Line
	}
	for _, tag := range s.Tags {
		if !strings.HasPrefix(tag, "@PEC-") && !strings.HasPrefix(tag, "@id:") {
			start.Tags = append(start.Tags, tag)
		}
	}
	before := ""
	for _, step := range s.pickle.Steps {
		word := keyword(step.Type)
		if word == before {
			word = "And"
		}
		before = keyword(step.Type)
		start.Steps = append(start.Steps, word+" "+step.Text)
	}
	return start
}

// gherkin writes the scenario back as a feature of its own: an Examples row
// with its values filled in, the background's steps in front. godog can pick a
// line of a file but not one row of a table, and runs one scenario at a time.
func (s Scenario) gherkin() []byte { return s.gherkinFrom(0) }

// gherkinFrom leaves the steps before out: they have been carried out.
func (s Scenario) gherkinFrom(from int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "Feature: %s\n\n  Scenario: %s\n", oneLine(s.Feature), oneLine(s.Name))
	for _, step := range s.pickle.Steps[from:] {
		fmt.Fprintf(&b, "    %s %s\n", keyword(step.Type), step.Text)
		if step.Argument == nil {
			continue
		}
		if doc := step.Argument.DocString; doc != nil {
			fence := "\"\"\""
			content := strings.ReplaceAll(doc.Content, fence, `\"\"\"`)
			fmt.Fprintf(&b, "      %s\n      %s\n      %s\n", fence, strings.ReplaceAll(content, "\n", "\n      "), fence)
		}
		if table := step.Argument.DataTable; table != nil {
			for _, row := range table.Rows {
				b.WriteString("      |")
				for _, cell := range row.Cells {
					b.WriteString(" " + escapeCell.Replace(cell.Value) + " |")
				}
				b.WriteString("\n")
			}
		}
	}
	return []byte(b.String())
}

var escapeCell = strings.NewReplacer(`\`, `\\`, "|", `\|`, "\n", `\n`)

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func keyword(t messages.PickleStepType) string {
	switch t {
	case messages.PickleStepType_CONTEXT:
		return "Given"
	case messages.PickleStepType_ACTION:
		return "When"
	case messages.PickleStepType_OUTCOME:
		return "Then"
	}
	return "*"
}
