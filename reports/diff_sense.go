package reports

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/rules"
)

// sense is what a check says, text by text.
type sense []string

// senseOf leaves out which message of the scenario it is said of: they are
// numbered as they came, and the order is chance.
func senseOf(c rules.Check) sense {
	return sense{c.Expected, c.Seen, c.Need, c.Because, c.Where.Part}
}

// jitter is by how much two durations may differ and be the same: systems take
// their time, and whether that was too long is for the verdict to say.
const jitter = time.Minute

// sameSense tells that two texts mean the same: they differ at most in what differs
// between any two runs.
func sameSense(a, b sense) bool {
	for i := range a {
		one, tookOne := skeleton(a[i])
		other, tookOther := skeleton(b[i])
		if one != other || len(tookOne) != len(tookOther) {
			return false
		}
		for n := range tookOne {
			if (tookOne[n] - tookOther[n]).Abs() > jitter {
				return false
			}
		}
	}
	return true
}

// numbers are those that stand by themselves.
var numbers = regexp.MustCompile(`\b[0-9]+\b`)

// What differs between any two runs, and what is put in its place. The form of an
// instant stays, and so does a zone that is not that of Italy: a date in the
// wrong form is something else than one in the right form.
var byNature = []struct {
	pattern *regexp.Regexp
	instead string
}{
	// The word by which a scenario's messages are known.
	{regexp.MustCompile(`(?i)\bCOL-[a-z0-9]{4,}`), "‹token›"},
	// Identifiers: a long local part with digits in it, before a host.
	{regexp.MustCompile(`[A-Za-z0-9!#$%&'*+/=?^_.{|}~-]*[0-9][A-Za-z0-9!#$%&'*+/=?^_.{|}~-]*@`), ""},
	// Hashes, serial numbers, keys: long runs of hexadecimal digits, whole or cut short.
	{regexp.MustCompile(`\b[0-9A-Fa-f]{12,}(?:…|\b)`), "‹hash›"},
	{regexp.MustCompile(`\b(?:[0-9A-Fa-f]{2}:){7,}[0-9A-Fa-f]{2}\b`), "‹hash›"},
	{regexp.MustCompile(`[A-Za-z0-9+/]{40,}={0,2}`), "‹hash›"},
	// Ports of this machine, or of whoever spoke from one that was free.
	{regexp.MustCompile(`((?:\d{1,3}\.){3}\d{1,3}|\[[0-9a-fA-F:]+\]|localhost):\d{2,5}\b`), "$1:‹port›"},
	{regexp.MustCompile(`\bport \d{2,5}\b`), "port ‹port›"},
	// Instants.
	{regexp.MustCompile(`\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), `), "Day, "},
	{regexp.MustCompile(`\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}\b`), "0 Mon 0000"},
	{regexp.MustCompile(`\b\d{2}/\d{2}/\d{4}\b`), "00/00/0000"},
	{regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}(T?)`), "0000-00-00$1"},
	{regexp.MustCompile(`\b20\d{6}T\d{6}`), "00000000T000000"},
	{regexp.MustCompile(`\b20\d{12}`), "00000000000000"},
	{regexp.MustCompile(`\b\d{2}:\d{2}:\d{2}(?:\.\d+)?`), "00:00:00"},
	{regexp.MustCompile(`\+0(?:1|2):?00\b`), "+‹Italy›"},
	{regexp.MustCompile(`\bCES?T\b`), "‹Italy›"},
	// Messages are numbered as they came.
	{regexp.MustCompile(`\bm[0-9]+\b`), "‹message›"},
}

// identifiers is the entry of byNature that asks how long a local part is.
const identifiers = 1

// longLocalPart is from where on a local part with digits is an identifier and no
// mailbox.
const longLocalPart = 12

// durations as Go writes them, and as people do.
var durations = regexp.MustCompile(`-?(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?(?:ns|µs|ms|s)\b|-?\d+h(?:\d+m)?\b|-?\d+(?:\.\d+)? (?:ms|s|min)\b`)

// skeleton is a text without what differs between any two runs, and the durations
// that stood in it.
func skeleton(text string) (string, []time.Duration) {
	for i, n := range byNature {
		if i != identifiers {
			text = n.pattern.ReplaceAllString(text, n.instead)
			continue
		}
		text = n.pattern.ReplaceAllStringFunc(text, func(found string) string {
			if len(found) <= longLocalPart {
				return found
			}
			return "‹id›@"
		})
	}
	text = withoutChance(text)
	var took []time.Duration
	text = durations.ReplaceAllStringFunc(text, func(found string) string {
		d, err := time.ParseDuration(strings.Replace(strings.ReplaceAll(found, " ", ""), "min", "m", 1))
		if err != nil {
			return found
		}
		took = append(took, d)
		return "‹time›"
	})
	return text, slices.Clip(took)
}

// inherited is what an observation of inherited header fields begins with.
var inherited = regexp.MustCompile(`^(fields of the original in the [^:]+: )(.*)$`)

// withoutChance leaves out what came about because two things happened in one
// second: a receipt that was written in that of its original has its Date too.
func withoutChance(text string) string {
	m := inherited.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	names := slices.DeleteFunc(strings.Split(m[2], ", "), func(name string) bool { return name == "Date" })
	if len(names) == 0 {
		names = []string{"none"}
	}
	return m[1] + strings.Join(names, ", ")
}
