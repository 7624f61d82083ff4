package certification

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The model in Go and the DTD that xmllint is given must be the same.
func TestModelIsTheDTD(t *testing.T) {
	t.Parallel()
	dtd, err := os.ReadFile(filepath.Join("testdata", "postacert.dtd"))
	if err != nil {
		t.Fatal(err)
	}
	declaration := regexp.MustCompile(`(?s)<!(ELEMENT|ATTLIST)\s+(\S+)\s+(.*?)>`)
	fromDTD := map[string]string{}
	for _, m := range declaration.FindAllStringSubmatch(string(dtd), -1) {
		content := strings.Join(strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ", "|", " | ", ",", " , ").Replace(m[3])), " ")
		if m[1] == "ATTLIST" {
			name, rest, _ := strings.Cut(content, " ")
			fromDTD[m[2]+"@"+name] = rest
			continue
		}
		fromDTD[m[2]] = content
	}

	defaults := map[string]string{"postacert@errore": `"nessuno"`, "destinatari@tipo": `"certificato"`}
	fromModel := map[string]string{}
	for name, e := range vocabulary {
		fromModel[name] = declared(e)
		for _, a := range e.attributes {
			value := "CDATA"
			if a.values != nil {
				value = "( " + strings.Join(a.values, " | ") + " )"
			}
			if a.required {
				value += " #REQUIRED"
			} else {
				value += " " + defaults[name+"@"+a.name]
			}
			fromModel[name+"@"+a.name] = value
		}
	}
	if diff := cmp.Diff(fromDTD, fromModel); diff != "" {
		t.Error(diff)
	}
}

func declared(e element) string {
	switch {
	case e.empty():
		return "EMPTY"
	case e.text:
		return "( #PCDATA )"
	}
	var steps []string
	for _, p := range e.children {
		sign := map[string]string{"1-1": "", "0-1": "?", "1-0": "+", "0-0": "*"}[fmt.Sprintf("%d-%d", p.min, p.max)]
		steps = append(steps, p.name+sign)
	}
	return "( " + strings.Join(steps, " , ") + " )"
}
