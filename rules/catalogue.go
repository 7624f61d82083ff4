package rules

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:embed catalogue/*.yaml decisions.yaml statements.txt reproduce.yaml
var catalogueData embed.FS

const (
	familyFolder = "catalogue"
	sectionsFile = "catalogue/sections.yaml"
)

// Catalogue is every rule, with what they refer to. It is read-only.
type Catalogue struct {
	Families   []*Family // in catalogue order
	Rules      []*Rule   // in catalogue order
	Sections   []Section // of RFC 6109, in order
	Decisions  []*Decision
	Questions  []*Question
	Statements []Statement // the normative statements of RFC 6109, in order

	rules     map[string]*Rule
	sections  map[string]Section
	decisions map[string]*Decision
	questions map[string]*Question

	fingerprint string
}

// Family is the rules about one subject, which share the middle of their ids.
type Family struct {
	Code  string
	Title Text
	Rules []*Rule
}

// Section is a section of RFC 6109.
type Section struct {
	Number string `yaml:"number"` // "3.1.2"; "A" is appendix A
	Title  Text   `yaml:"title"`
}

// LoadCatalogue gives the catalogue that is built into the binary. It is read once
// and shared by all who ask for it: nobody changes it. An error means that its
// data do not hold together; it names file, id and what to do.
func LoadCatalogue() (*Catalogue, error) { return built() }

var built = sync.OnceValues(func() (*Catalogue, error) { return load(catalogueData) })

// load reads a catalogue from a file system laid out as this folder.
func load(fsys fs.FS) (*Catalogue, error) {
	c := &Catalogue{rules: map[string]*Rule{}}
	files, err := readFamilies(fsys)
	if err != nil {
		return nil, err
	}
	if err := c.readDecisions(fsys); err != nil {
		return nil, err
	}
	if err := c.readSections(fsys); err != nil {
		return nil, err
	}
	if err := c.assemble(files); err != nil {
		return nil, err
	}
	if err := c.check(files); err != nil {
		return nil, err
	}
	if err := c.readStatements(fsys); err != nil {
		return nil, err
	}
	if c.fingerprint, err = fingerprintOf(fsys); err != nil {
		return nil, err
	}
	return c, nil
}

// familyFile is one file of the catalogue.
type familyFile struct {
	name string

	Family string  `yaml:"family"`
	Title  Text    `yaml:"title"`
	Rules  []*Rule `yaml:"rules"`
}

var familyName = regexp.MustCompile(`^[0-9]{2}_([A-Z]{2,3})\.yaml$`)

// readFamilies reads the family files side by side: most of the time it takes
// to load a catalogue goes into YAML.
func readFamilies(fsys fs.FS) ([]*familyFile, error) {
	entries, err := fs.ReadDir(fsys, familyFolder) // sorted by name, which is the order of the families
	if err != nil {
		return nil, fmt.Errorf("rules/%s: %w", familyFolder, err)
	}
	var files []*familyFile
	for _, e := range entries {
		if name := path.Join(familyFolder, e.Name()); name != sectionsFile {
			files = append(files, &familyFile{name: name})
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("rules/%s: holds no family: put one file per family there, such as 01_GEN.yaml", familyFolder)
	}
	found := make([]error, len(files))
	var group sync.WaitGroup
	for i, f := range files {
		group.Go(func() { found[i] = f.read(fsys) })
	}
	group.Wait()
	return files, errors.Join(found...)
}

func (f *familyFile) read(fsys fs.FS) error {
	m := familyName.FindStringSubmatch(path.Base(f.name))
	if m == nil {
		return fmt.Errorf("rules/%s: expected a name such as 01_GEN.yaml: two digits for the order, then the family", f.name)
	}
	if err := readYAML(fsys, f.name, f); err != nil {
		return err
	}
	if f.Family != m[1] {
		return fmt.Errorf("rules/%s: says that its family is %q: expected %q, as in its name", f.name, f.Family, m[1])
	}
	if !f.Title.complete() {
		return fmt.Errorf("rules/%s: lacks a title: the family needs both en and it", f.name)
	}
	if len(f.Rules) == 0 {
		return fmt.Errorf("rules/%s: holds no rule: add one, or remove the file", f.name)
	}
	return nil
}

func (c *Catalogue) readSections(fsys fs.FS) error {
	if err := readYAML(fsys, sectionsFile, &c.Sections); err != nil {
		return err
	}
	c.sections = map[string]Section{}
	for _, s := range c.Sections {
		if _, twice := c.sections[s.Number]; twice {
			return dataFault(sectionsFile, s.Number, "is there twice: keep one")
		}
		if s.Number == "" || !s.Title.complete() {
			return dataFault(sectionsFile, s.Number, "needs a number and a title in both en and it")
		}
		c.sections[s.Number] = s
	}
	return nil
}

// assemble puts the families together, and refuses an id given twice.
func (c *Catalogue) assemble(files []*familyFile) error {
	var found []error
	home := map[string]string{}
	for _, f := range files {
		family := &Family{Code: f.Family, Title: f.Title, Rules: f.Rules}
		for _, r := range f.Rules {
			r.Family = f.Family
			if other, twice := home[r.ID]; twice {
				found = append(found, dataFault(f.name, r.ID, "is already in rules/%s: give the new rule the next free number, ids are never reused", other))
				continue
			}
			home[r.ID] = f.name
			c.rules[r.ID] = r
			c.Rules = append(c.Rules, r)
		}
		c.Families = append(c.Families, family)
	}
	return errors.Join(found...)
}

// Rule returns the rule with that id.
func (c *Catalogue) Rule(id string) (*Rule, bool) {
	r, known := c.rules[id]
	return r, known
}

// Family returns the family with that code.
func (c *Catalogue) Family(code string) (*Family, bool) {
	i := slices.IndexFunc(c.Families, func(f *Family) bool { return f.Code == code })
	if i < 0 {
		return nil, false
	}
	return c.Families[i], true
}

// Section returns the section of RFC 6109 with that number.
func (c *Catalogue) Section(number string) (Section, bool) {
	s, known := c.sections[number]
	return s, known
}

// Select returns the rules named, in catalogue order: by id ("PEC-TE-001",
// "te-1"), or a whole family by its code ("TE", "PEC-TE"). A name that is
// neither is an error that offers the closest ids.
func (c *Catalogue) Select(names ...string) ([]*Rule, error) {
	chosen := map[string]bool{}
	var found []error
	for _, name := range names {
		id := CanonicalID(name)
		if family, known := c.Family(strings.TrimPrefix(id, "PEC-")); known {
			for _, r := range family.Rules {
				chosen[r.ID] = true
			}
			continue
		}
		if _, known := c.rules[id]; known {
			chosen[id] = true
			continue
		}
		found = append(found, c.unknown(name))
	}
	if err := errors.Join(found...); err != nil {
		return nil, err
	}
	var list []*Rule
	for _, r := range c.Rules {
		if chosen[r.ID] {
			list = append(list, r)
		}
	}
	return list, nil
}
