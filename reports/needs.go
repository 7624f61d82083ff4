package reports

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/reports/words"
)

// A need is what a scenario or a judge wanted and the target did not give, in
// the words of steps and rules, such as "white box: log" or "permit virus". What
// follows turns them into sentences; a need that is not known here is shown as
// it stands.

// source is where a need can be met, and what is to be done for it: that is the
// text with its key under "source." in words.yaml.
type source struct {
	key    string // that needs of it begin with
	sample string // the sample file that shows how; empty: none
}

// give says what to give the harness.
func (s source) give(t *words.Words) string {
	return t.Text("source." + strings.ReplaceAll(s.key, " ", "-"))
}

// sources, in the order in which they are told.
func sources() []source {
	return []source{
		{"role user", "fixtures/targets/user.yaml"},
		{"role peer", "fixtures/targets/peer.yaml"},
		{"role ordinary", "fixtures/targets/ordinary.yaml"},
		{"role directory", ""},
		{"permit", ""},
		{whiteBox, "fixtures/targets/white-box.yaml"},
		{elsewhere, ""},
		{simulated, ""},
	}
}

const (
	whiteBox  = "white box"
	elsewhere = "other" // no need begins with it
	simulated = "simulated"
)

// insides are needs of judges that a white box meets.
func insides() []string {
	return []string{"the provider's log", "the provider's store of infected messages", "the SMTP transactions between providers"}
}

// sourceOf says where a need can be met.
func sourceOf(need string) string {
	if slices.Contains(insides(), need) {
		return whiteBox
	}
	for _, s := range sources() {
		if need == s.key || strings.HasPrefix(need, s.key+":") || strings.HasPrefix(need, s.key+" ") {
			return s.key
		}
	}
	return elsewhere
}

// inShort names a need among others of its source.
func inShort(t *words.Words, need string) string {
	source := sourceOf(need)
	if source == simulated {
		return needWords(t, need)
	}
	rest := strings.TrimLeft(strings.TrimPrefix(need, source), ": ")
	if rest == "" {
		return need
	}
	return rest
}

// NeedWords says in words for people what a need is: a noun, such as "a white
// box that moves the target's clock".
func NeedWords(need string) string { return needWords(english(), need) }

// needWords says it in a language. What the need names (somebody, a sort of
// scenario) stands as it is.
func needWords(t *words.Words, need string) string {
	key, detail, _ := strings.Cut(need, ": ")
	switch key {
	case whiteBox:
		part, aside, _ := strings.Cut(detail, " (")
		if aside != "" {
			aside = " (" + aside
		}
		if does, known := t.Find("need.white-box." + part); known {
			return t.Text("need.white-box", does+aside)
		}
		return need
	case "role peer", "role ordinary":
		return strings.TrimSuffix(t.Text("need."+strings.ReplaceAll(key, " ", "-"), detail), ": ")
	case "role directory":
		return t.Text("need.role-directory")
	case "role user":
		return t.Text("need.role-user", strings.TrimPrefix(detail, "the "))
	case "simulated clock":
		before := strings.TrimPrefix(detail, "a date before ")
		if change, known := t.Find("need.before." + before); known {
			before = change
		}
		return t.Text("need.simulated-clock", before)
	case "simulated directory":
		return t.Text("need.simulated-directory", detail)
	case "simulated provider":
		return t.Text("need.simulated-provider", detail)
	}
	if name, is := strings.CutPrefix(need, "permit "); is {
		return t.Text("need.permit", name)
	}
	if inside, known := t.Find("need.inside." + strings.ReplaceAll(need, " ", "-")); known {
		return inside
	}
	return need
}

// needList is what several needs are in words, after one another.
func needList(t *words.Words, needs []string) string {
	list := make([]string, 0, len(needs))
	for _, n := range needs {
		list = append(list, needWords(t, n))
	}
	return conjoin(t, list)
}

// splitNeeds takes needs apart that a check names together.
func splitNeeds(need string) []string {
	var list []string
	for part := range strings.SplitSeq(strings.TrimSuffix(need, "."), "; ") {
		if part != "" {
			list = append(list, part)
		}
	}
	return list
}

// conjoin writes a list as a sentence has it: a, b and c.
func conjoin(t *words.Words, list []string) string {
	if n := len(list); n > 1 {
		return strings.Join(list[:n-1], ", ") + t.Text("page.and") + list[n-1]
	}
	return strings.Join(list, "")
}
