package steps

import (
	"errors"
	"strings"
	"text/template"
)

// alterHeader does to the outer header what the damage says. A field that is
// not there is left alone, unless it is to be added.
func (b *blueprint) alterHeader(t *template.Template, header string) (string, error) {
	for _, change := range b.damage.Header {
		value, err := expand(t, &b.facts, change.Value)
		if err != nil {
			return "", err
		}
		if change.Added {
			header += change.Field + ": " + value + "\r\n"
			continue
		}
		header = setField(header, change.Field, value)
	}
	return header, nil
}

// setField gives a field another value, in its place; "" takes it away.
func setField(header, field, value string) string {
	var out strings.Builder
	skipping := false
	for _, line := range strings.SplitAfter(header, "\r\n") {
		if folded := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t"); folded && skipping {
			continue
		}
		name, _, _ := strings.Cut(line, ":")
		if skipping = strings.EqualFold(name, field); !skipping {
			out.WriteString(line)
		} else if value != "" {
			out.WriteString(field + ": " + value + "\r\n")
		}
	}
	return out.String()
}

// inBrief puts the enclosed original in brief. The harness works no hashes out:
// the one original whose brief form lies ready is fixtures/originals/signed.
func inBrief(t *template.Template, f *facts) (string, error) {
	header, _, _ := strings.Cut(f.Original, "\r\n\r\n")
	if !strings.Contains(header, `boundary="=_autore"`) {
		return "", errors.New("a brief receipt can be given only for a message that its author signed")
	}
	body, err := render(t, "brief body", f)
	return header + "\r\n\r\n" + body, err
}
