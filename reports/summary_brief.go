package reports

import (
	"path/filepath"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// brief prints the verdict, what fails, and where the report lies: for those
// who look only when something is wrong.
func (p *printer) brief(result *rules.Result, catalogue *rules.Catalogue, o SummaryOptions) {
	p.verdict(result)
	record := &evidence.Record{Dir: o.Dir}
	p.group(result, catalogue, rules.Error, headingError, record)
	p.group(result, catalogue, rules.Fail, headingFail, record)
	p.footnotes()
	p.troubles(result)
	p.gate(o.Gate)
	if o.Dir != "" {
		p.line("Report: " + filepath.Join(o.Dir, HTMLFile))
	}
}

// troubles tells the scenarios that the harness could not bring to their end.
func (p *printer) troubles(result *rules.Result) {
	for _, s := range result.Scenarios {
		if s.Error != "" && s.Error != rules.CutShort {
			p.line("")
			p.wrapped("  scenario  ", s.ID+": "+s.Error)
		}
	}
}
