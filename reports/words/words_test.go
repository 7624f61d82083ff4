package words

import (
	"regexp"
	"slices"
	"testing"
)

var verb = regexp.MustCompile(`%(\[\d\])?[a-z]`)

// Every text is there in both languages, with the same values.
func TestBothLanguages(t *testing.T) {
	t.Parallel()
	all, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for key, e := range all {
		if e.EN == "" || e.IT == "" || (e.OneEN == "") != (e.OneIT == "") {
			t.Errorf("%s: %+v: a text is missing", key, e)
		}
		for _, it := range []struct{ a, b string }{{e.EN, e.IT}, {e.OneEN, e.OneIT}} {
			if a, b := verbs(it.a), verbs(it.b); !slices.Equal(a, b) {
				t.Errorf("%s: %q takes %q and %q takes %q", key, it.a, a, it.b, b)
			}
		}
	}
}

func verbs(text string) []string {
	list := verb.FindAllString(text, -1)
	if slices.ContainsFunc(list, func(v string) bool { return v[1] == '[' }) {
		slices.Sort(list)
	}
	return list
}

func TestText(t *testing.T) {
	t.Parallel()
	it := In(Italian)
	for _, test := range []struct{ got, want string }{
		{it.Text("verdict.invalid"), "NON VALIDO"},
		{it.Count(1, "count.rules"), "1 regola"},
		{it.Count(0, "count.rules"), "0 regole"},
		{In(English).Count(2, "count.messages"), "2 messages"},
		{it.Pick("Title", ""), "Title"},
		{it.Pick("Title", "Titolo"), "Titolo"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
	if it.Err() != nil {
		t.Errorf("%v, and no text was missing", it.Err())
	}
	if got := it.Text("no.such"); got != "!no.such!" || it.Err() == nil {
		t.Errorf("a text that is not there: %q, %v", got, it.Err())
	}
	if _, err := Parse("fr"); err == nil {
		t.Error("fr is taken for a language")
	}
}
