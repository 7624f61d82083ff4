package pec

import (
	"math/rand/v2"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseAddressList(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		want []Address
	}{
		{"anna@aurora.example", []Address{{"", "anna", "aurora.example"}}},
		{" <anna@aurora.example> ", []Address{{"", "anna", "aurora.example"}}},
		{"Anna Rossi <anna@aurora.example>", []Address{{"Anna Rossi", "anna", "aurora.example"}}},
		{
			`"Per conto di: anna@aurora.example" <posta-certificata@gestore.aurora.example>`,
			[]Address{{"Per conto di: anna@aurora.example", "posta-certificata", "gestore.aurora.example"}},
		},
		{
			"\"Per conto di: anna@aurora.example\"\r\n\t<posta-certificata@gestore.aurora.example>",
			[]Address{{"Per conto di: anna@aurora.example", "posta-certificata", "gestore.aurora.example"}},
		},
		{"=?iso-8859-1?Q?Nicol=F2?= <n@x.example>", []Address{{"Nicolò", "n", "x.example"}}},
		{"=?windows-1252?Q?=80?= <n@x.example>", []Address{{"€", "n", "x.example"}}},
		{"=?iso-8859-15?Q?=A4?= <n@x.example>", []Address{{"€", "n", "x.example"}}},
		{"a@x.example (the first), b@x.example", []Address{{"the first", "a", "x.example"}, {"", "b", "x.example"}}},
		{"a(who \\) (nested))@(at) x.example(end), \"(b)\" <b@x.example>", []Address{{"", "a", "x.example"}, {"(b)", "b", "x.example"}}},
		{"Soci: a@x.example, B <b@x.example>;, c@x.example", []Address{{"", "a", "x.example"}, {"B", "b", "x.example"}, {"", "c", "x.example"}}},
		{"undisclosed-recipients:;", []Address{}},
		{`"a b"@x.example`, []Address{{"", "a b", "x.example"}}},
		{`"a@b"@x.example`, []Address{{"", "a@b", "x.example"}}},
		{"\"Nicol\xf2\" <n@x.example>", []Address{{"Nicol\uFFFD", "n", "x.example"}}},
	} {
		got, err := ParseAddressList(c.in)
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: %s", c.in, diff)
		}
	}
	for _, bad := range []string{
		"", "  ", "anna", "anna@", "@aurora.example", "a@x.example b@x.example", "<a@x.example", "Per conto di: a@x.example <p@y.example>",
		strings.Repeat("a@x.example,", 200_000),
	} {
		if got, err := ParseAddressList(bad); err == nil {
			t.Errorf("%q gives %v", shorten(bad), got)
		}
	}
}

func TestParseAddress(t *testing.T) {
	t.Parallel()
	if got, err := ParseAddress("Anna <anna@aurora.example>"); err != nil || got.String() != "anna@aurora.example" {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"a@x.example, b@x.example", "nessuno:;", ""} {
		if got, err := ParseAddress(bad); err == nil {
			t.Errorf("%q gives %v", bad, got)
		}
	}
}

func TestAddressString(t *testing.T) {
	t.Parallel()
	for want, a := range map[string]Address{
		"a.b+c@x.example":         {Local: "a.b+c", Domain: "x.example"},
		`"a b"@x.example`:         {Local: "a b", Domain: "x.example"},
		`"a\"\\@"@x.example`:      {Local: `a"\@`, Domain: "x.example"},
		`".a"@x.example`:          {Local: ".a", Domain: "x.example"},
		"nicolò@x.example":        {Name: "x", Local: "nicolò", Domain: "x.example"},
		`""@x.example`:            {Local: "", Domain: "x.example"},
		`"a..b"@[192.0.2.1]`:      {Local: "a..b", Domain: "[192.0.2.1]"},
		"anna@Aurora.Example":     {Local: "anna", Domain: "Aurora.Example"},
		"bruno.neri@borea.exampl": {Local: "bruno.neri", Domain: "borea.exampl"},
	} {
		if got := a.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestSameAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"anna@aurora.example", "anna@AURORA.example", true},
		{"anna@aurora.example", " <anna@aurora.example> ", true},
		{"anna@aurora.example", "Anna@aurora.example", false},
		{"anna@aurora.example", "anna@borea.example", false},
		{`"anna"@aurora.example`, "anna@aurora.example", true},
		{`"a@b"@x.example`, `"a@b"@X.example`, true},
		{"anna", "anna", true},
		{"", "anna@aurora.example", false},
	} {
		if got := SameAddress(c.a, c.b); got != c.same {
			t.Errorf("%q and %q: got %t", c.a, c.b, got)
		}
	}
	if got := BareAddress(" < a@b > "); got != "a@b" {
		t.Errorf("got %q", got)
	}
}

// What bareAddress reads by itself the parser reads likewise.
func TestBareAddress(t *testing.T) {
	t.Parallel()
	const octets = "ab@..\" \t<>,;:()[]\\\x7f\xc3\xa8-+"
	random := rand.New(rand.NewPCG(1, 2))
	read := 0
	for range 200_000 {
		b := []byte("a@b")
		for range 1 + random.IntN(5) {
			b = slices.Insert(b, random.IntN(len(b)+1), octets[random.IntN(len(octets))])
		}
		got, ok := bareAddress(string(b))
		if !ok {
			continue
		}
		read++
		parsed, err := (&mail.AddressParser{}).ParseList(string(b))
		if err != nil || len(parsed) != 1 || parsed[0].Name != "" || parsed[0].Address != got.Local+"@"+got.Domain {
			t.Fatalf("%q: got %+v, the parser says %v, %v", b, got, parsed, err)
		}
	}
	if read < 1000 {
		t.Errorf("only %d were read", read)
	}
}
