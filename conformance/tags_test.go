package conformance

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTagExpressions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		expression string
		tags       string
		want       bool
	}{
		{"@virus", "@virus @core", true},
		{"virus", "@virus", true},
		{"@virus", "@viruses", false},
		{"not @virus", "@core", true},
		{"not @virus", "@virus", false},
		{"@a and @b", "@a", false},
		{"@a and @b", "@b @a", true},
		{"@a or @b", "@b", true},
		{"@a or @b and @c", "@a", true}, // and binds closer
		{"(@a or @b) and @c", "@a", false},
		{"(@a or @b) and not (@c or @d)", "@b", true},
		{"(@a or @b) and not (@c or @d)", "@b @d", false},
		{"not not @a", "@a", true},
	}
	for _, test := range tests {
		t.Run(test.expression+" on "+test.tags, func(t *testing.T) {
			t.Parallel()
			e, err := parseTags(test.expression)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, e.matches(strings.Fields(test.tags))); diff != "" {
				t.Errorf("matches (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBadTagExpressions(t *testing.T) {
	t.Parallel()
	for _, expression := range []string{"", "@a and", "and @a", "(@a", "@a)", "@a @b", "not", "@a or or @b", "()"} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			if _, err := parseTags(expression); err == nil {
				t.Errorf("%q was taken as a tag expression", expression)
			}
		})
	}
}
