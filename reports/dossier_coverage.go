package reports

import (
	"cmp"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/rules"
)

// columnKeys are the columns of coverage: each rule stands in exactly one.
func columnKeys() []string {
	return []string{"pass", "observed", "warn", "fail", "inconclusive", "idle", "excluded"}
}

// columnOf says in which column a rule stands.
func columnOf(key string) string {
	switch key {
	case "pass", "observed", "warn", "fail", "excluded":
		return key
	case "inapplicable", "not-exercised", "not-judged", "not-asked":
		return "idle"
	}
	return "inconclusive" // also an error, what was cut short, and a verdict that is not known
}

func (m *dossierMaker) columns() []string {
	var list []string
	for _, key := range columnKeys() {
		list = append(list, m.words.Text("dossier.column."+key))
	}
	return list
}

// chapterPlace is where a rule is listed: a chapter, with what orders it.
type chapterPlace struct {
	order, number, topic string
}

// coverage counts what became of the rules by chapter of the Italian texts, and
// by chapter of RFC 6109.
func (m *dossierMaker) coverage() []coverageTable {
	topics := m.annexTopics()
	return []coverageTable{
		m.table("dossier.by-annex", func(law *rules.Rule) chapterPlace { return m.italianPlace(law, topics) }),
		m.table("dossier.by-rfc", m.rfcPlace),
	}
}

func (m *dossierMaker) table(title string, where func(*rules.Rule) chapterPlace) coverageTable {
	t := coverageTable{Title: m.words.Text(title), Total: newCoverageRow("", "")}
	rows, order := map[string]*coverageRow{}, []string{}
	for _, law := range m.catalogue.Rules {
		p := where(law)
		row := rows[p.order]
		if row == nil {
			fresh := newCoverageRow(p.number, p.topic)
			row = &fresh
			rows[p.order] = row
			order = append(order, p.order)
		}
		column := columnOf(standingOf(law, m.results[law.ID]).Key)
		row.add(column)
		t.Total.add(column)
	}
	slices.Sort(order)
	for _, key := range order {
		t.Rows = append(t.Rows, rows[key])
	}
	return t
}

func newCoverageRow(number, topic string) coverageRow {
	row := coverageRow{Number: number, Topic: topic}
	for range columnKeys() {
		row.Counts = append(row.Counts, keyed{})
	}
	return row
}

func (r *coverageRow) add(column string) {
	r.Rules++
	i := slices.Index(columnKeys(), column)
	r.Counts[i] = keyed{column, r.Counts[i].N + 1}
}

// rfcPlace is the chapter of RFC 6109 under which a rule is listed.
func (m *dossierMaker) rfcPlace(law *rules.Rule) chapterPlace {
	chapter, _, _ := strings.Cut(law.Section(), ".")
	if chapter == "" {
		return chapterPlace{"~", m.words.Text("dossier.italian-only"), m.words.Text("dossier.italian-only-about")}
	}
	section, _ := m.catalogue.Section(chapter)
	return chapterPlace{chapter, chapter, pick(m.words, section.Title)}
}

// italianPlace is the chapter of the Italian texts under which a rule is listed:
// the first place in the annex, else the first in another text.
func (m *dossierMaker) italianPlace(law *rules.Rule, topics map[string]topic) chapterPlace {
	if chapter, _ := annexChapter(law); chapter != "" {
		return chapterPlace{"1 " + chapter, chapter + topics[chapter].mark, topics[chapter].title}
	}
	key := "rfc-only"
	switch {
	case len(law.Italian) > 0:
		key = textOf(law.Italian[0])
	case len(law.Sections) == 0, law.Level == rules.LevelPractice, law.Level == rules.LevelOwn:
		key = "unwritten"
	}
	order := "2" + plainNumber(slices.Index([]string{"decree", "dpr", "agency", "circular", "rfc-only", "unwritten"}, key))
	return chapterPlace{order, m.words.Text("dossier." + key), m.words.Text("dossier." + key + "-about")}
}

// textOf says in which text a source is that is not the annex.
func textOf(source rules.Source) string {
	for _, text := range [][2]string{{"DM", "decree"}, {"DPR", "dpr"}, {"AgID", "agency"}, {"CR/51", "circular"}} {
		if strings.HasPrefix(source.Place(), text[0]) {
			return text[1]
		}
	}
	return "rfc-only"
}

// annexChapter is the chapter of the annex that says a rule, to the second
// number ("6.3"), and whether the number is certain; "" when the annex does not
// say it. A range of sections is of the chapter that holds them.
func annexChapter(law *rules.Rule) (chapter string, certain bool) {
	for _, source := range law.Italian {
		number, is := strings.CutPrefix(source.Place(), "A")
		if !is || number == "" || number[0] < '0' || number[0] > '9' {
			continue
		}
		parts := strings.Split(number, ".")
		if strings.Contains(number, "-") {
			return parts[0], source.Certain()
		}
		return strings.Join(parts[:min(len(parts), 2)], "."), source.Certain()
	}
	return "", false
}

// topic is what a chapter of the annex is about, and the mark of one that holds
// sections whose number is uncertain.
type topic struct{ title, mark string }

// annexTopics says what each chapter of the annex is about: what the section of
// RFC 6109 is about that says most of its rules.
func (m *dossierMaker) annexTopics() map[string]topic {
	votes, topics := map[string]map[string]int{}, map[string]topic{}
	for _, law := range m.catalogue.Rules {
		chapter, certain := annexChapter(law)
		if chapter == "" {
			continue
		}
		if votes[chapter] == nil {
			votes[chapter] = map[string]int{}
		}
		if !certain {
			topics[chapter] = topic{mark: "*"}
		}
		parts := strings.Split(law.Section(), ".")
		section := strings.Join(parts[:min(len(parts), 2)], ".")
		if _, known := m.catalogue.Section(section); known {
			votes[chapter][section]++
		}
	}
	for chapter, sections := range votes {
		best := ""
		for section := range sections {
			if best == "" || cmp.Or(cmp.Compare(sections[section], sections[best]), cmp.Compare(best, section)) > 0 {
				best = section
			}
		}
		section, _ := m.catalogue.Section(best)
		topics[chapter] = topic{pick(m.words, section.Title), topics[chapter].mark}
	}
	return topics
}
