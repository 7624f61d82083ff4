package reports

import (
	"fmt"
	"io"
	"strings"
)

// WriteCoverage prints a coverage for a person.
func WriteCoverage(w io.Writer, c *Coverage, width int) error {
	p := newPrinter(w, width, false)
	shown := c.shown()
	heading := fmt.Sprintf("%-8s%6s", "FAMILY", "RULES")
	for _, a := range shown {
		heading += fmt.Sprintf("  %s", strings.ToUpper(string(a)))
	}
	p.line(heading)
	row := func(code string, n int, count map[Account]int) {
		text := fmt.Sprintf("%-8s%6d", code, n)
		for _, a := range shown {
			figure := "·"
			if count[a] > 0 {
				figure = plainNumber(count[a])
			}
			text += strings.Repeat(" ", 2+len(a)-len([]rune(figure))) + figure
		}
		p.line(text)
	}
	for _, f := range c.Families {
		row(f.Code, f.Rules, f.Count)
	}
	row("all", c.Rules, c.Total)
	if len(c.Excluded) > 0 {
		p.line("")
		p.line("Excluded, and why:")
		for _, a := range c.Excluded {
			kind := a.Kind
			switch {
			case a.Account == AccountDeclared:
				kind += ", declared by the provider: not a pass"
			case a.Declarable:
				kind += ", a provider may declare it"
			}
			p.wrapped("  "+a.ID+"  ", a.Title+" ("+kind+"). "+a.Reason+".")
		}
	}
	if len(c.Open) > 0 {
		p.line("")
		p.line("Without a verdict:")
		for _, a := range c.Open {
			p.wrapped("  "+a.ID+"  ", string(a.Account)+": "+a.Title+". "+a.Reason)
		}
	}
	for _, group := range []struct {
		title string
		list  []string
	}{{"Scenarios that serve no rule:", c.Idle}, {"Rules that the catalogue has not:", c.Strays}} {
		if len(group.list) > 0 {
			p.line("")
			p.line(group.title)
			for _, text := range group.list {
				p.line("  " + text)
			}
		}
	}
	p.line("")
	p.wrapped("", c.closing(english()))
	return p.err
}
