package authority

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The schema files for OpenLDAP say what the directory says of itself.
func TestSchemaFiles(t *testing.T) {
	t.Parallel()
	var want []string
	for _, a := range attributeTypes {
		if a.registeredBy {
			want = append(want, "attribute "+a.definition)
		}
	}
	for _, c := range objectClasses {
		if strings.Contains(c, "1.3.6.1.4.1.16572.") {
			want = append(want, "class "+c)
		}
	}
	words := strings.NewReplacer("attributetype", "attribute", "objectclass", "class", "olcAttributeTypes:", "attribute", "olcObjectClasses:", "class")
	definition := regexp.MustCompile(`(?m)^(attributetype|objectclass|olcAttributeTypes:|olcObjectClasses:) .*(\n[ \t].*)*`)
	for _, name := range []string{"pec.schema", "pec.ldif"} {
		octets, err := os.ReadFile("../../fixtures/directory/" + name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(octets)
		if name == "pec.ldif" { // RFC 2849: a line that begins with a blank goes on, without it
			text = strings.ReplaceAll(text, "\n ", "")
		}
		var got []string
		for _, d := range definition.FindAllString(text, -1) {
			got = append(got, words.Replace(strings.Join(strings.Fields(d), " ")))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
