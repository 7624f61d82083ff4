package directory

import "strings"

// Entry is one entry of the file as it is written there: nothing is left out,
// joined or corrected.
type Entry struct {
	DN         string
	Line       int // where it starts, from 1
	Attributes []Attribute
}

// Attribute is one value of an entry, in the order of the file.
type Attribute struct {
	Name    string // attribute description as written, options included: "providerCertificate;binary"
	Value   string // decoded; octets where the value is binary
	Base64  bool   // it was written in base64 ("::")
	Damaged bool   // written in base64 that cannot be decoded: Value is the text as it stands
	Line    int
}

// Type is the attribute type in lower case, without options.
func (a Attribute) Type() string {
	kind, _, _ := strings.Cut(a.Name, ";")
	return strings.ToLower(kind)
}

// Option reports whether the description has that option, whatever its case.
func (a Attribute) Option(name string) bool {
	_, options, _ := strings.Cut(a.Name, ";")
	for _, o := range strings.Split(options, ";") {
		if strings.EqualFold(o, name) && name != "" {
			return true
		}
	}
	return false
}

// Values returns the values of an attribute type, whatever its case and
// options, in order.
func (e *Entry) Values(kind string) []string {
	var values []string
	for _, a := range e.Attributes {
		if strings.EqualFold(a.Type(), kind) {
			values = append(values, a.Value)
		}
	}
	return values
}

// Has reports whether the entry says to be of that object class.
func (e *Entry) Has(class string) bool {
	for _, c := range e.Values("objectClass") {
		if strings.EqualFold(strings.TrimSpace(c), class) {
			return true
		}
	}
	return false
}
