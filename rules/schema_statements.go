package rules

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// statementsFile lists the normative statements of RFC 6109, one a line:
// section | keyword or - | statement | rules without "PEC-".
const statementsFile = "statements.txt"

// Statement is one normative statement of RFC 6109, in short, with the rules
// that claim it.
type Statement struct {
	Section string
	Keyword string // MUST, SHOULD … as printed; empty when the sentence has none
	Text    string
	Rules   []string // ids; empty for the few that cannot be tested
}

// readStatements fills the statements of the catalogue.
func (c *Catalogue) readStatements(fsys fs.FS) error {
	octets, err := fs.ReadFile(fsys, statementsFile)
	if err != nil {
		return fmt.Errorf("rules/%s: %w", statementsFile, err)
	}
	var found []error
	lines := bufio.NewScanner(bytes.NewReader(octets))
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		s, err := c.statement(line)
		if err != nil {
			found = append(found, fmt.Errorf("rules/%s: line %d: %w", statementsFile, number, err))
			continue
		}
		c.Statements = append(c.Statements, s)
	}
	return errors.Join(append(found, lines.Err())...)
}

func (c *Catalogue) statement(line string) (Statement, error) {
	fields := strings.Split(line, "|")
	if len(fields) != 4 {
		return Statement{}, fmt.Errorf("has %d fields: expected section | keyword or - | statement | rules", len(fields))
	}
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	s := Statement{Section: fields[0], Text: fields[2]}
	if _, known := c.sections[s.Section]; !known {
		return s, fmt.Errorf("names section %q: no such section in rules/%s", s.Section, sectionsFile)
	}
	if s.Text == "" {
		return s, errors.New("says nothing: write the statement in short")
	}
	if fields[1] != "-" {
		s.Keyword = fields[1]
	}
	for _, short := range strings.Fields(fields[3]) {
		id := "PEC-" + short
		if _, known := c.rules[id]; !known {
			return s, fmt.Errorf("is claimed by %s: the catalogue holds no such rule", id)
		}
		s.Rules = append(s.Rules, id)
	}
	return s, nil
}

// Claims returns the statements of RFC 6109 that the rule answers for.
func (c *Catalogue) Claims(rule string) []Statement {
	var list []Statement
	for _, s := range c.Statements {
		for _, id := range s.Rules {
			if id == rule {
				list = append(list, s)
			}
		}
	}
	return list
}
