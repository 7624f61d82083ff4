package rules

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.yaml.in/yaml/v3"
)

//go:embed circular.yaml
var circularData []byte

const circularFile = "circular.yaml"

// MalfunctionClass is a class of table A of circular CR/51.
type MalfunctionClass struct {
	Number int  `yaml:"number"` // 1 to 5, as in the table
	Title  Text `yaml:"title"`
}

// Classification is the class that a breach of a rule belongs to, and why. The
// circular gives the classes; which rule belongs to which is the judgement of
// this project, see circular.yaml.
type Classification struct {
	Class   MalfunctionClass // Number 0: the circular does not speak of such a thing
	Because Text
}

// Circular says which class of malfunction a breach of each rule belongs to.
// It is read-only.
type Circular struct {
	Classes []MalfunctionClass // in order

	of map[string]Classification // by the id of the rule
}

// circularSource is circular.yaml.
type circularSource struct {
	Classes  []MalfunctionClass `yaml:"classes"`
	Levels   []circularEntry    `yaml:"levels"`
	Families []circularEntry    `yaml:"families"`
	Rules    []circularEntry    `yaml:"rules"`
}

// circularEntry gives a class to a level, a family or a rule.
type circularEntry struct {
	Level   Level  `yaml:"level"`
	Family  string `yaml:"family"`
	Rule    string `yaml:"rule"`
	Class   *int   `yaml:"class"`
	Because Text   `yaml:"because"`
}

func (e circularEntry) name() string { return string(e.Level) + e.Family + e.Rule }

// LoadCircular reads the classes that are built into the binary. An error means
// that they do not fit the catalogue; it names the entry and what to do.
func LoadCircular(catalogue *Catalogue) (*Circular, error) {
	return readCircular(circularData, catalogue)
}

func readCircular(octets []byte, catalogue *Catalogue) (*Circular, error) {
	var source circularSource
	decoder := yaml.NewDecoder(bytes.NewReader(octets))
	decoder.KnownFields(true)
	if err := decoder.Decode(&source); err != nil {
		return nil, fmt.Errorf("rules/%s: %w: correct the file", circularFile, err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("rules/%s: a second YAML document follows the first: put all into one", circularFile)
	}
	c := &Circular{Classes: source.Classes, of: map[string]Classification{}}
	if err := errors.Join(c.checkClasses(), source.check(catalogue)); err != nil {
		return nil, err
	}
	var found []error
	levels, errLevels := c.entries(source.Levels)
	families, errFamilies := c.entries(source.Families)
	particular, errRules := c.entries(source.Rules)
	found = append(found, errLevels, errFamilies, errRules)
	for _, law := range catalogue.Rules {
		chosen, known := particular[law.ID]
		if !known && families[law.Family].Class.Number != 0 { // what the circular does not speak of has no class at any level
			chosen, known = levels[string(law.Level)]
		}
		if !known {
			chosen, known = families[law.Family]
		}
		if !known {
			found = append(found, dataFault(circularFile, law.ID, "has no class: give its family %s an entry", law.Family))
		}
		c.of[law.ID] = chosen
	}
	if err := errors.Join(found...); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Circular) checkClasses() error {
	const classes = 5 // of table A
	if len(c.Classes) != classes {
		return dataFault(circularFile, "classes", "are %d: table A has %d", len(c.Classes), classes)
	}
	for i, class := range c.Classes {
		if class.Number != i+1 || !class.Title.complete() {
			return dataFault(circularFile, fmt.Sprintf("class %d", class.Number), "expected number %d and a title in both en and it", i+1)
		}
	}
	return nil
}

// check finds entries for what is not there, and entries in the wrong list.
func (s *circularSource) check(catalogue *Catalogue) error {
	var found []error
	for _, e := range s.Levels {
		if !slices.Contains(Levels(), e.Level) || e.name() != string(e.Level) {
			found = append(found, dataFault(circularFile, e.name(), "expected a level, such as %s", LevelOwn))
		}
	}
	for _, e := range s.Families {
		if _, known := catalogue.Family(e.Family); !known || e.name() != e.Family {
			found = append(found, dataFault(circularFile, e.name(), "expected the code of a family of the catalogue"))
		}
	}
	for _, e := range s.Rules {
		if _, known := catalogue.Rule(e.Rule); !known || e.name() != e.Rule {
			found = append(found, dataFault(circularFile, e.name(), "expected the id of a rule of the catalogue"))
		}
	}
	return errors.Join(found...)
}

// entries makes a list of the file a table.
func (c *Circular) entries(list []circularEntry) (map[string]Classification, error) {
	table := map[string]Classification{}
	var found []error
	for _, e := range list {
		if _, twice := table[e.name()]; twice {
			found = append(found, dataFault(circularFile, e.name(), "is there twice: keep one"))
		}
		if !e.Because.complete() {
			found = append(found, dataFault(circularFile, e.name(), "needs a reason in both en and it"))
		}
		if e.Class == nil || *e.Class < 0 || *e.Class > len(c.Classes) {
			found = append(found, dataFault(circularFile, e.name(), "expected a class from 1 to %d, or 0 for what the circular does not speak of", len(c.Classes)))
			continue
		}
		entry := Classification{Because: e.Because}
		if *e.Class > 0 {
			entry.Class = c.Classes[*e.Class-1]
		}
		table[e.name()] = entry
	}
	return table, errors.Join(found...)
}

// Of returns the class of a breach of that rule; the zero value of a rule that
// the catalogue has not.
func (c *Circular) Of(rule string) Classification { return c.of[rule] }
