package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// The registered schema (RFC 6109 4.5.1 to 4.5.9 and 8.2), written down here
// once more: what serves a directory has a copy of its own.

const schemaBranch = "1.3.6.1.4.1.16572.2."

type attributeDefinition struct {
	oid, name, equality, substring, syntax string
	single                                 bool
}

func registeredAttributes() []attributeDefinition {
	const certificate, ia5, directoryText = "1.3.6.1.4.1.1466.115.121.1.8", "1.3.6.1.4.1.1466.115.121.1.26", "1.3.6.1.4.1.1466.115.121.1.15"
	return []attributeDefinition{
		{schemaBranch + "2.1", "providerCertificateHash", "caseIgnoreIA5Match", "", ia5, false},
		{schemaBranch + "2.2", "providerCertificate", "", "", certificate, false},
		{schemaBranch + "2.3", "providerName", "caseIgnoreMatch", "caseIgnoreSubstringsMatch", directoryText, true},
		{schemaBranch + "2.4", "mailReceipt", "caseIgnoreIA5Match", "caseIgnoreIA5SubstringsMatch", ia5, true},
		{schemaBranch + "2.5", "managedDomains", "caseIgnoreIA5Match", "caseIgnoreIA5SubstringsMatch", ia5, false},
		{schemaBranch + "2.6", "LDIFLocationURL", "caseExactMatch", "", directoryText, true},
		{schemaBranch + "2.7", "providerUnit", "caseIgnoreMatch", "caseIgnoreSubstringsMatch", directoryText, true},
	}
}

type classDefinition struct {
	oid, name, sort string
	must, may       []string
}

func registeredClasses() []classDefinition {
	return []classDefinition{
		{schemaBranch + "1.1", "LDIFLocationURLObject", "AUXILIARY", nil, []string{"LDIFLocationURL"}},
		{schemaBranch + "1.2", "provider", "STRUCTURAL", mandatoryAttributes, optionalAttributes},
	}
}

func judgeSchema(v *View, f *Findings) {
	for _, r := range v.Directories {
		if r.What != schemaRead || r.Emitter != evidence.Target {
			continue
		}
		if r.Shows == nil {
			if r.File != nil {
				f.Unable(r.Where(""), "a schema that can be read: "+r.File.Err.Error())
			}
			continue
		}
		var attributes, classes []definition
		for i := range r.Shows.Records {
			for _, text := range described(&r.Shows.Records[i], "attributeTypes") {
				attributes = append(attributes, readDefinition(text))
			}
			for _, text := range described(&r.Shows.Records[i], "objectClasses") {
				classes = append(classes, readDefinition(text))
			}
		}
		for _, want := range registeredAttributes() {
			compareDefinition(f, r, want.String(), want.oid, want.name, attributes, want.unlike)
		}
		for _, want := range registeredClasses() {
			compareDefinition(f, r, want.String(), want.oid, want.name, classes, want.unlike)
		}
	}
}

func compareDefinition(f *Findings, r *Reading, expected, oid, name string, published []definition, unlike func(definition) string) {
	where := r.Where(name)
	i := slices.IndexFunc(published, func(d definition) bool { return d.oid == oid })
	if i < 0 {
		seen := "no definition " + oid
		if j := slices.IndexFunc(published, func(d definition) bool { return d.named(name) }); j >= 0 {
			seen = name + " is defined as " + published[j].oid
		}
		f.Broken(where, expected, seen)
		return
	}
	if d := published[i]; !d.named(name) {
		f.Broken(where, expected, oid+" is named "+shownList(d.words["NAME"]))
	} else if why := unlike(d); why != "" {
		f.Broken(where, expected, why)
	} else {
		f.Holds(where, oid+" "+name)
	}
}

func (a attributeDefinition) String() string {
	text := fmt.Sprintf("( %s NAME '%s'", a.oid, a.name)
	for _, part := range [][2]string{{"EQUALITY", a.equality}, {"SUBSTR", a.substring}, {"SYNTAX", a.syntax}} {
		if part[1] != "" {
			text += " " + part[0] + " " + part[1]
		}
	}
	if a.single {
		text += " SINGLE-VALUE"
	}
	return text + " )"
}

func (a attributeDefinition) unlike(d definition) string {
	for _, part := range [][2]string{{"EQUALITY", a.equality}, {"SUBSTR", a.substring}, {"SYNTAX", a.syntax}} {
		got, _, _ := strings.Cut(d.first(part[0]), "{") // a length may follow the syntax (RFC 4512 4.1.2)
		if !strings.EqualFold(got, part[1]) {
			return fmt.Sprintf("%s %s", part[0], shown(got))
		}
	}
	if _, single := d.words["SINGLE-VALUE"]; single != a.single {
		return fmt.Sprintf("SINGLE-VALUE: %t", single)
	}
	return ""
}

func (c classDefinition) String() string {
	text := fmt.Sprintf("( %s NAME '%s' SUP top %s", c.oid, c.name, c.sort)
	if len(c.must) > 0 {
		text += " MUST ( " + strings.Join(c.must, " $ ") + " )"
	}
	return text + " MAY ( " + strings.Join(c.may, " $ ") + " ) )"
}

func (c classDefinition) unlike(d definition) string {
	sort := "STRUCTURAL" // where nothing is said (RFC 4512 4.1.1)
	for _, s := range []string{"ABSTRACT", "AUXILIARY"} {
		if _, said := d.words[s]; said {
			sort = s
		}
	}
	switch {
	case sort != c.sort:
		return sort
	case !strings.EqualFold(d.first("SUP"), "top"):
		return "SUP " + shown(d.first("SUP"))
	case !sameNames(d.words["MUST"], c.must):
		return "MUST ( " + strings.Join(d.words["MUST"], " $ ") + " )"
	case !sameNames(d.words["MAY"], c.may):
		return "MAY ( " + strings.Join(d.words["MAY"], " $ ") + " )"
	}
	return ""
}

// sameNames compares lists of names without order and letter case.
func sameNames(a, b []string) bool {
	clean := func(list []string) []string {
		var all []string
		for _, s := range list {
			all = append(all, strings.ToLower(s))
		}
		slices.Sort(all)
		return all
	}
	return slices.Equal(clean(a), clean(b))
}

// definition is a schema definition (RFC 4512 4.1): its object identifier, and
// what follows each key word.
type definition struct {
	oid   string
	words map[string][]string
}

func (d definition) first(word string) string {
	if values := d.words[word]; len(values) > 0 {
		return values[0]
	}
	return ""
}

func (d definition) named(name string) bool {
	return slices.ContainsFunc(d.words["NAME"], func(n string) bool { return strings.EqualFold(n, name) })
}

// readDefinition reads one definition; what it does not understand is left out.
func readDefinition(text string) definition {
	d := definition{words: map[string][]string{}}
	keywords := []string{
		"NAME", "DESC", "OBSOLETE", "SUP", "EQUALITY", "ORDERING", "SUBSTR", "SYNTAX", "SINGLE-VALUE", "COLLECTIVE",
		"NO-USER-MODIFICATION", "USAGE", "ABSTRACT", "STRUCTURAL", "AUXILIARY", "MUST", "MAY",
	}
	keyword := ""
	for _, token := range definitionTokens(text) {
		word := strings.ToUpper(token)
		switch {
		case token == "(" || token == ")" || token == "$":
		case slices.Contains(keywords, word) || strings.HasPrefix(word, "X-"):
			keyword = word
			d.words[keyword] = []string{}
		case keyword == "":
			d.oid = token
		default:
			d.words[keyword] = append(d.words[keyword], strings.Trim(token, "'"))
		}
	}
	return d
}

// definitionTokens cuts a definition into brackets, quoted strings and words.
func definitionTokens(text string) []string {
	var all []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		end := 1
		switch text[0] {
		case '(', ')', '$':
		case '\'':
			if end = strings.IndexByte(text[1:], '\'') + 2; end < 2 {
				end = len(text)
			}
		default:
			if end = strings.IndexAny(text, " \t()$'"); end < 0 {
				end = len(text)
			}
		}
		all = append(all, text[:end])
		text = text[end:]
	}
	return all
}
