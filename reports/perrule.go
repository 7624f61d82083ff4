package reports

import (
	"path/filepath"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// RuleWords is what is told of one rule in plain text.
type RuleWords struct{ Rule, Text string }

// maxPlaces bounds how many places of one rule are told in full.
const maxPlaces = 5

// PerRule tells every rule that did not simply pass, in plain text for a log:
// its title, and for each place what was expected, what was seen and where the
// octets are. dir is the run folder.
func PerRule(result *rules.Result, dir string) []RuleWords {
	catalogue, err := rules.LoadCatalogue()
	if err != nil {
		catalogue = &rules.Catalogue{} // titles are a help, and no reason to say nothing
	}
	record := &evidence.Record{Dir: dir}
	var list []RuleWords
	for i := range result.Rules {
		r := &result.Rules[i]
		if r.Verdict == rules.Pass || r.Verdict == rules.NotExercised {
			continue
		}
		lines := []string{titleOf(catalogue, r.ID)}
		if r.Reason != "" {
			lines = append(lines, printable(r.Reason))
		}
		places := 0
		for j := range r.Checks {
			c := &r.Checks[j]
			if c.Verdict != r.Verdict {
				continue
			}
			if places++; places > maxPlaces {
				continue
			}
			lines = append(lines, "")
			for _, f := range factsOf(c) {
				lines = append(lines, "  "+f.Label+": "+printable(clip(f.Value)))
			}
			if path := record.Path(c.Where.Blob); c.Where.Blob != "" && path != "" {
				lines = append(lines, "  octets: "+filepath.Join(dir, filepath.FromSlash(path)))
			}
		}
		if places > maxPlaces {
			lines = append(lines, "", "  and "+plural(places-maxPlaces, "other place")+", see the report")
		}
		list = append(list, RuleWords{r.ID, string(r.Verdict) + ": " + strings.Join(lines, "\n")})
	}
	return list
}
