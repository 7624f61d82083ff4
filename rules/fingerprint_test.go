package rules

import (
	"testing"
	"testing/fstest"
)

func TestFingerprintTellsCataloguesApart(t *testing.T) {
	t.Parallel()
	of := func(files map[string]string) string {
		t.Helper()
		fsys := fstest.MapFS{}
		for name, text := range files {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
		got, err := fingerprintOf(fsys)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	was := of(map[string]string{"catalogue/01_GEN.yaml": "a", "decisions.yaml": "b"})
	for what, files := range map[string]map[string]string{
		"a text that changed":  {"catalogue/01_GEN.yaml": "a", "decisions.yaml": "c"},
		"a file more":          {"catalogue/01_GEN.yaml": "a", "decisions.yaml": "b", "x": ""},
		"a file less":          {"catalogue/01_GEN.yaml": "a"},
		"texts that moved":     {"catalogue/01_GEN.yaml": "b", "decisions.yaml": "a"},
		"a file of other name": {"catalogue/02_GEN.yaml": "a", "decisions.yaml": "b"},
	} {
		if of(files) == was {
			t.Errorf("%s: the fingerprint is the same", what)
		}
	}
	c, err := LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	if built, err := fingerprintOf(catalogueData); err != nil || c.Fingerprint() != built || len(built) != 64 {
		t.Errorf("the catalogue that is built in says %q, its data say %q (%v)", c.Fingerprint(), built, err)
	}
}
