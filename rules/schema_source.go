package rules

import (
	"fmt"
	"regexp"
	"strings"
)

// Source is a place in the Italian texts, in short: A6.3.1 is section 6.3.1 of
// the technical annex to the decree of 2 November 2005, DM12(1) article 12(1)
// of that decree, DPR12 article 12 of the decree of the President of the
// Republic 68/2005. A trailing ~ marks a number that was derived from the table
// of contents of the May 2005 draft, a trailing ? one that was not read but
// recalled.
type Source string

var (
	annexPattern   = regexp.MustCompile(`^A([0-9]+(?:\.[0-9]+)*(?:-[0-9]+(?:\.[0-9]+)*)?)$`)
	decreePattern  = regexp.MustCompile(`^(DM|DPR)([0-9]+(?:\([0-9a-z]+\))*)$`)
	agencyPattern  = regexp.MustCompile(`^AgID note ([0-9]+)$`)
	circularFormat = regexp.MustCompile(`^CR/51 (point [0-9]+|table [A-Z])$`)
)

// Certain tells that the place was read under this very number.
func (s Source) Certain() bool {
	return !strings.HasSuffix(string(s), "~") && !strings.HasSuffix(string(s), "?")
}

// Place returns the place without its mark.
func (s Source) Place() string { return strings.TrimRight(string(s), "~?") }

// Marks behind a place that was not read under its number; Footnotes says what
// they mean.
const (
	markDraft    = "*"
	markRecalled = "**"
)

// Footnotes explains the marks that citations carry, each once.
func Footnotes() []Text {
	return []Text{
		{
			EN: markDraft + " Sections of the Italian annex marked so are numbered after the published draft of May 2005: the final text may number them otherwise.",
			IT: markDraft + " I punti dell'allegato così segnati hanno il numero della bozza pubblicata nel maggio 2005: il testo finale può numerarli diversamente.",
		},
		{
			EN: markRecalled + " Cited from memory of the text, to be checked.",
			IT: markRecalled + " Citato a memoria, da controllare.",
		},
	}
}

// FootnotesOf explains the marks that one citation carries.
func FootnotesOf(cite Text) []Text {
	notes := Footnotes()
	var list []Text
	if strings.Contains(strings.ReplaceAll(cite.EN, markRecalled, ""), markDraft) {
		list = append(list, notes[0])
	}
	if strings.Contains(cite.EN, markRecalled) {
		list = append(list, notes[1])
	}
	return list
}

// Text names the place in full, in both languages, with a mark where it is
// uncertain. It is empty in both for a source of unknown form.
func (s Source) Text() Text {
	t := s.place()
	switch {
	case t == Text{}:
	case strings.HasSuffix(string(s), "~"):
		t.EN += markDraft
		t.IT += markDraft
	case strings.HasSuffix(string(s), "?"):
		t.EN += markRecalled
		t.IT += markRecalled
	}
	return t
}

func (s Source) place() Text {
	place := s.Place()
	if m := annexPattern.FindStringSubmatch(place); m != nil {
		return Text{
			EN: fmt.Sprintf("annex to the decree of 2 November 2005, section %s", m[1]),
			IT: fmt.Sprintf("allegato al decreto 2 novembre 2005, punto %s", m[1]),
		}
	}
	if m := decreePattern.FindStringSubmatch(place); m != nil {
		if m[1] == "DM" {
			return Text{
				EN: fmt.Sprintf("decree of 2 November 2005, article %s", m[2]),
				IT: fmt.Sprintf("decreto 2 novembre 2005, articolo %s", m[2]),
			}
		}
		return Text{
			EN: fmt.Sprintf("DPR 68/2005, article %s", m[2]),
			IT: fmt.Sprintf("DPR 68/2005, articolo %s", m[2]),
		}
	}
	if m := agencyPattern.FindStringSubmatch(place); m != nil {
		return Text{EN: "AgID integrative note " + m[1], IT: "nota integrativa AgID n. " + m[1]}
	}
	if m := circularFormat.FindStringSubmatch(place); m != nil {
		italian := strings.NewReplacer("point", "punto", "table", "tabella").Replace(m[1])
		return Text{EN: "circular CR/51, " + m[1], IT: "circolare CR/51, " + italian}
	}
	return Text{}
}
