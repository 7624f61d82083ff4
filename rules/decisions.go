package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"

	"go.yaml.in/yaml/v3"
)

// decisionsFile holds what is decided and what is still open.
const decisionsFile = "decisions.yaml"

// Decision is what this project decides where the texts are ambiguous,
// contradict each other or are misprinted.
type Decision struct {
	ID       string `yaml:"id"`
	Issue    Text   `yaml:"issue"`
	Decision Text   `yaml:"decision"`

	Rules []string `yaml:"-"` // the rules that stand on it, in catalogue order
}

// Question is something that could not be found out.
type Question struct {
	ID       string `yaml:"id"`
	Question Text   `yaml:"question"`

	Rules []string `yaml:"-"` // the rules that wait for its answer, in catalogue order
}

var (
	decisionID = regexp.MustCompile(`^D-[0-9]{2}$`)
	questionID = regexp.MustCompile(`^Q-[0-9]{2}$`)
)

// readDecisions fills the decisions and questions of the catalogue.
func (c *Catalogue) readDecisions(fsys fs.FS) error {
	var file struct {
		Decisions []*Decision `yaml:"decisions"`
		Questions []*Question `yaml:"questions"`
	}
	if err := readYAML(fsys, decisionsFile, &file); err != nil {
		return err
	}
	c.Decisions, c.Questions = file.Decisions, file.Questions
	c.decisions, c.questions = map[string]*Decision{}, map[string]*Question{}
	var found []error
	for _, d := range c.Decisions {
		if !decisionID.MatchString(d.ID) {
			found = append(found, dataFault(decisionsFile, d.ID, "the id of a decision has the form D-01"))
		}
		if c.decisions[d.ID] != nil {
			found = append(found, dataFault(decisionsFile, d.ID, "is there twice: keep one, ids are never reused"))
		}
		if !d.Issue.complete() || !d.Decision.complete() {
			found = append(found, dataFault(decisionsFile, d.ID, "lacks a text: issue and decision need both en and it"))
		}
		c.decisions[d.ID] = d
	}
	for _, q := range c.Questions {
		if !questionID.MatchString(q.ID) {
			found = append(found, dataFault(decisionsFile, q.ID, "the id of an open question has the form Q-01"))
		}
		if c.questions[q.ID] != nil {
			found = append(found, dataFault(decisionsFile, q.ID, "is there twice: keep one, ids are never reused"))
		}
		if !q.Question.complete() {
			found = append(found, dataFault(decisionsFile, q.ID, "lacks a text: question needs both en and it"))
		}
		c.questions[q.ID] = q
	}
	return errors.Join(found...)
}

// Decision returns the decision with that id.
func (c *Catalogue) Decision(id string) (*Decision, bool) {
	d, known := c.decisions[id]
	return d, known
}

// Question returns the open question with that id.
func (c *Catalogue) Question(id string) (*Question, bool) {
	q, known := c.questions[id]
	return q, known
}

// readYAML decodes one file strictly: unknown keys, keys given twice and a
// second document are errors.
func readYAML(fsys fs.FS, name string, into any) error {
	octets, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("rules/%s: %w", name, err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(octets))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("rules/%s: %w: correct the file, or extend the schema", name, err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("rules/%s: a second YAML document follows the first: put all into one", name)
	}
	return nil
}

// dataFault is an error in the data: where, about what, and what to do.
func dataFault(file, id, text string, arguments ...any) error {
	if id == "" {
		id = "(an entry without id)"
	}
	return fmt.Errorf("rules/%s: %s: %s", file, id, fmt.Sprintf(text, arguments...))
}
