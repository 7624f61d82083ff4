package rules

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// addressesIn returns the bare addresses of all fields with these names, and
// false when one of the fields does not parse as an address list.
func addressesIn(e *rawmime.Entity, names ...string) (all []string, readable bool) {
	readable = true
	for _, name := range names {
		for _, value := range e.Values(name) {
			list, err := pec.ParseAddressList(value)
			if err != nil {
				readable = readable && strings.TrimSpace(value) == ""
				continue
			}
			all = append(all, addressesOf(list)...)
		}
	}
	return all, readable
}

// lists tells whether the address is in the list, letter case ignored
// altogether: whether local parts that differ in case are one mailbox is the
// provider's policy, and never a hidden recipient.
func lists(list []string, address string) bool {
	address = pec.BareAddress(address)
	return slices.ContainsFunc(list, func(a string) bool {
		if a = pec.BareAddress(a); strings.EqualFold(a, address) {
			return true
		}
		quoted := strings.HasPrefix(a, `"`) || strings.HasPrefix(address, `"`)
		return quoted && pec.SameAddress(strings.ToLower(a), strings.ToLower(address))
	})
}

// distinct keeps each address once: one named in two RCPT commands is one
// recipient.
func distinct(list []string) []string {
	var once []string
	for _, a := range list {
		if !holdsAddress(once, a) {
			once = append(once, a)
		}
	}
	return once
}

// addressForms names the forms in an address field that a careless parser
// stumbles over: folding, groups, quoted local parts, comments, encoded words.
func addressForms(f rawmime.Field) []string {
	value := f.Value()
	var forms []string
	if strings.Contains(strings.TrimRight(string(f.Raw()), "\r\n"), "\n") {
		forms = append(forms, "folding")
	}
	bare, comments := outsideQuotes(value)
	if strings.Contains(bare, ":") {
		forms = append(forms, "a group")
	}
	if comments {
		forms = append(forms, "a comment")
	}
	if strings.Contains(value, `"@`) {
		forms = append(forms, "a quoted local part")
	}
	if strings.Contains(value, "=?") {
		forms = append(forms, "an encoded word")
	}
	return forms
}

// outsideQuotes returns the value without quoted strings, comments, angle and
// square brackets, and whether there was a comment.
func outsideQuotes(value string) (bare string, comments bool) {
	var b strings.Builder
	quoted, depth, angle, square := false, 0, false, false
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '\\' && (quoted || depth > 0) {
			i++
			continue
		}
		switch {
		case quoted:
			quoted = c != '"'
		case depth > 0 && c == ')':
			depth--
		case c == '(':
			depth, comments = depth+1, true
		case depth > 0:
		case c == '"':
			quoted = true
		case angle:
			angle = c != '>'
		case square:
			square = c != ']'
		case c == '<':
			angle = true
		case c == '[':
			square = true
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), comments
}
