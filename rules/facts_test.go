package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

func TestStampsIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, without string
		want                []stamp
	}{
		{"as in the field", "Il giorno 14/01/2026 alle ore 10:20:30 (+0100) il messaggio", "", []stamp{{"14/01/2026", "10:20:30", "+0100"}}},
		{"as in the ABNF", "14/01/2026 10:20:30(+01:00)", "", []stamp{{"14/01/2026", "10:20:30", "+01:00"}}},
		{"without offset", "14/01/2026 alle 10:20:30.", "", []stamp{{"14/01/2026", "10:20:30", ""}}},
		{"folded", "giorno 14/01/2026\r\nalle ore\r\n10:20:30\r\n(+0100)", "", []stamp{{"14/01/2026", "10:20:30", "+0100"}}},
		{"two languages", "Il 14/01/2026 alle 10:20:30 (+0100). On 14/01/2026 at 10:20:30 (+0100)", "", []stamp{{"14/01/2026", "10:20:30", "+0100"}, {"14/01/2026", "10:20:30", "+0100"}}},
		{"in the subject only", "\"scade 14/01/2026 ore 10:20:30 (+0100)\"", "scade 14/01/2026 ore 10:20:30 (+0100)", nil},
		{"no leading zero", "4/1/2026 9:20:30", "", nil},
		{"longer number", "114/01/20261 10:20:30", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, stampsIn(c.text, c.without)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSaysAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`inviato da "anna@aurora.example" a`:  true,
		"anna@AURORA.example (\"posta":        true,
		"indirizzato ad anna@aurora.example.": true,
		"<anna@aurora.example>":               true,
		"giovanna@aurora.example":             false,
		"anna@aurora.example.org":             false,
		"x-anna@aurora.example":               false,
		"":                                    false,
	} {
		if got := saysAddress(text, "anna@aurora.example"); got != want {
			t.Errorf("%q: want %t, got %t", text, want, got)
		}
	}
}

func TestSaysWithLoss(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, fact string
		want       bool
	}{
		{"oggetto ? 100", "€ 100", true},
		{"oggetto EUR 100", "€ 100", true},
		{"oggetto 100", "€ 100", true},
		{"oggetto 1000", "€ 2000", false},
		{"oggetto Perch? no", "Perché no", false}, // ISO-8859-1 holds it
		{"oggetto a?b", "a\x16b", true},
		{strings.Repeat("x", 5000), strings.Repeat("€y", 3000), false},
	} {
		if got := saysWithLoss(c.text, c.fact); got != c.want {
			t.Errorf("%.40q in %.40q: want %t, got %t", c.fact, c.text, c.want, got)
		}
	}
}

func TestWithoutTags(t *testing.T) {
	t.Parallel()
	const document = `<html><head><title>x</title><style>p{}</style></head><body><p>Il <b>giorno</b>&nbsp;1&lt;2<br>alle<!-- no --></p><script>no</script></body></html>`
	if got, want := fold(withoutTags(document)), "Il giorno 1<2 alle"; got != want {
		t.Errorf("want %q, got %q", want, got)
	}
}

func TestCompareTexts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		original, became string
		want             likeness
	}{
		{"a b", "a b", textsEqual},
		{"a\tb", "a b", textsEqual},
		{"a  b", "a b", textsAlike},
		{"a€b", "a?b", textsAlike},
		{"a\x16b", "ab", textsAlike},
		{"a\x16b", "a\ufffdb", textsAlike},
		{"Perch\xe9", "Perché", textsEqual},
		{"ab", "a?", textsDiffer},
		{"ab", "abc", textsDiffer},
	} {
		if got := compareTexts(c.original, c.became); got != c.want {
			t.Errorf("%q and %q: want %d, got %d", c.original, c.became, c.want, got)
		}
	}
}

func TestParseInstant(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 1, 14, 9, 20, 30, 0, time.UTC)
	for _, zone := range []string{"+0100", "+01:00"} {
		if got, err := parseInstant("14/01/2026", "10:20:30", zone); err != nil || !got.Equal(want) {
			t.Errorf("%s: want %s, got %s, %v", zone, want, got, err)
		}
	}
	if got, err := parseInstant("31/12/2016", "23:59:60", "+0000"); err != nil || !got.Equal(time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("leap second: got %s, %v", got, err)
	}
	for _, day := range []string{"31/02/2026", "2026-01-14", ""} {
		if got, err := parseInstant(day, "10:20:30", "+0100"); err == nil {
			t.Errorf("%q: want an error, got %s", day, got)
		}
	}
}

func TestTransactionFacts(t *testing.T) {
	t.Parallel()
	of := func(text string) *Transaction {
		entity, err := rawmime.Parse([]byte(crlf(text)), rawmime.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		ok, no := evidence.Reply{Code: 250}, evidence.Reply{Code: 550}
		return &Transaction{Sent: entity, Submission: evidence.Submission{
			ReversePath: "<" + anna + ">",
			Recipients:  []evidence.RecipientReply{{Address: "<" + bruno + ">", Reply: ok}, {Address: carla, Reply: no}},
		}}
	}
	standard := of(originalText)
	if diff := cmp.Diff([]string{bruno}, standard.recipients()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{anna}, standard.replies()); diff != "" {
		t.Error(diff)
	}
	if id := standard.clientMessageID(); id != clientMessageID {
		t.Errorf("client msgid %q", id)
	}
	if subject, has := standard.subject(); subject != "Preventivo 7f3a" || !has {
		t.Errorf("subject %q, %t", subject, has)
	}
	if diff := cmp.Diff([]string{"dario@borea.example", carla}, of("Reply-To: Dario <dario@borea.example>, "+carla+"\n\n").replies()); diff != "" {
		t.Error(diff)
	}
	for header, want := range map[string][]string{
		"":                         {"completa"},
		"X-TipoRicevuta: breve\n":  {"breve", "breve"},
		"X-TipoRicevuta: BREVE\n":  {"breve", "breve", "completa"},
		"X-TipoRicevuta: estesa\n": {"completa"},
		"X-Tiporicevuta: sintetica\nX-TipoRicevuta: breve\n": {"sintetica", "sintetica", "breve", "completa"},
	} {
		if diff := cmp.Diff(want, of(header+"Subject: x\n\n").receiptTypes()); diff != "" {
			t.Errorf("%q: %s", header, diff)
		}
	}
}

func TestPrefixesAndTokensAreComplete(t *testing.T) {
	t.Parallel()
	for _, kind := range systemKinds {
		if prefix := prefixOf(kind, false); !strings.HasSuffix(prefix, ": ") || prefix != strings.ToUpper(prefix) {
			t.Errorf("%s: prefix %q", kind, prefix)
		}
		if token := tokenOf(kind); token == "" || token != strings.ToLower(token) {
			t.Errorf("%s: token %q", kind, token)
		}
	}
	if prefixOf(pec.Ordinary, false) != "" || tokenOf(pec.Unclear) != "" {
		t.Error("what is no system message has neither prefix nor token")
	}
}
