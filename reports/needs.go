package reports

import (
	"cmp"
	"slices"
	"strings"
)

// A need is what a scenario or a judge wanted and the target did not give, in
// the words of steps and rules, such as "white box: log" or "permit virus". What
// follows turns them into sentences; a need that is not known here is shown as
// it stands.

// source is where a need can be met, and what is to be done for it.
type source struct {
	key    string // that needs of it begin with
	give   string // "Give the harness …"
	sample string // the sample file that shows how; empty: none
}

// sources, in the order in which they are told.
func sources() []source {
	return []source{
		{"role user", "more mailboxes of users", "fixtures/targets/user.yaml"},
		{"role peer", "a provider of its own to play, in the directory that the target uses", "fixtures/targets/peer.yaml"},
		{"role ordinary", "a plain mail host outside certified mail", "fixtures/targets/ordinary.yaml"},
		{"role directory", "the central directory to play: the target then reads what the harness serves (directory.played)", ""},
		{"permit", "leave for what the target file does not permit yet (reach.permits)", ""},
		{whiteBox, "a white box, which reaches into the target (whiteBox)", "fixtures/targets/white-box.yaml"},
		{elsewhere, "what else it lacked", ""},
		{simulated, "", ""},
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
func inShort(need string) string {
	source := sourceOf(need)
	if source == simulated {
		return NeedWords(need)
	}
	rest := strings.TrimLeft(strings.TrimPrefix(need, source), ": ")
	if rest == "" {
		return need
	}
	return rest
}

// NeedWords says in words for people what a need is: a noun, such as "a white
// box that moves the target's clock".
func NeedWords(need string) string {
	key, detail, _ := strings.Cut(need, ": ")
	switch key {
	case whiteBox:
		part, aside, _ := strings.Cut(detail, " (")
		if aside != "" {
			aside = " (" + aside
		}
		does := map[string]string{
			"authority": "revokes certificates",
			"clock":     "moves the target's clock",
			"log":       "hands over the provider's log",
			"mailboxes": "opens, suspends and closes mailboxes",
			"network":   "cuts the network between the providers",
			"restart":   "restarts a provider",
		}[part]
		if does == "" {
			return need
		}
		return "a white box that " + does + aside
	case "role peer":
		return strings.TrimSuffix("a provider that the harness plays: "+detail, ": ")
	case "role ordinary":
		return strings.TrimSuffix("a plain mail host: "+detail, ": ")
	case "role directory":
		return "the central directory, played by the harness"
	case "role user":
		return "the " + strings.TrimPrefix(detail, "the ")
	case "simulated clock":
		before := strings.TrimPrefix(detail, "a date before ")
		return "a clock shortly before " + cmp.Or(map[string]string{
			"spring": "the change to summer time", "autumn": "the end of summer time",
			"year-end": "the end of a year", "leap-day": "a leap day",
		}[before], before)
	case "simulated directory":
		return "a directory with " + detail
	case "simulated provider":
		return "a simulated provider with the " + detail
	}
	if name, is := strings.CutPrefix(need, "permit "); is {
		return "leave for scenarios of the sort “" + name + "” (reach.permits)"
	}
	return need
}

// needList is what several needs are in words, after one another.
func needList(needs []string) string {
	words := make([]string, 0, len(needs))
	for _, n := range needs {
		words = append(words, NeedWords(n))
	}
	return conjoin(words)
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
func conjoin(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}
