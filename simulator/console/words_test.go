package console

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/pec"
)

// groups are asked for with a name that is known at run time only.
var groups = []string{"arrow.", "state.", "kind.", "explained.", "event.", "status.", "act.", "verdict.", "service.", "part.", "transcript.", "nav.", "data.", "weekday.", "month.", "done.", "problem."}

func TestWords(t *testing.T) {
	t.Parallel()
	all, err := words()
	if err != nil {
		t.Fatal(err)
	}
	verbs := regexp.MustCompile(`%[0-9]*[a-z]`)
	for key, w := range all {
		if w.English == "" || w.Italian == "" {
			t.Errorf("%s lacks a language: %+v", key, w)
		}
		if diff := cmp.Diff(verbs.FindAllString(w.English, -1), verbs.FindAllString(w.Italian, -1)); diff != "" {
			t.Errorf("%s takes other operands in Italian (-en +it):\n%s", key, diff)
		}
	}
	used := used(t)
	for key := range used {
		if _, there := all[key]; !there && !slices.Contains(groups, key+".") && !strings.HasSuffix(key, ".") {
			t.Errorf("%s is used and has no words", key)
		}
	}
	for key := range all {
		if !used[key] && !slices.ContainsFunc(groups, func(g string) bool { return strings.HasPrefix(key, g) }) {
			t.Errorf("%s is used nowhere", key)
		}
	}
	for k := pec.Ordinary; k <= pec.Unclear; k++ {
		for _, group := range []string{"kind.", "explained."} {
			if _, there := all[group+k.String()]; !there {
				t.Errorf("%s%s has no words", group, k)
			}
		}
	}
}

// used finds the keys in templates and code.
func used(t *testing.T) map[string]bool {
	t.Helper()
	asked := regexp.MustCompile(`(Say|Count|SayOf)\(?\s*"([a-z0-9.]+)"`)
	keys := map[string]bool{}
	look := func(text string) {
		for _, m := range asked.FindAllStringSubmatch(text, -1) {
			switch m[1] {
			case "Count":
				keys[m[2]+".one"], keys[m[2]+".many"] = true, true
			case "Say":
				keys[m[2]] = true
			}
		}
	}
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".html") && !strings.HasSuffix(path, ".go") {
			return err
		}
		text, err := os.ReadFile(path)
		look(string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) < 50 {
		t.Fatalf("only %d keys were found: the test looks at nothing", len(keys))
	}
	return keys
}

func TestLanguageOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ url, cookie, header, want string }{
		{"/", "", "", English},
		{"/", "", "de-DE, it-IT;q=0.8, en;q=0.5", Italian},
		{"/", "en", "it", English},
		{"/?lang=it", "en", "en", Italian},
		{"/?lang=xx", "", "", English},
		{"/", "<b>", "it", Italian},
	} {
		r := httptest.NewRequest(http.MethodGet, tt.url, nil)
		r.Header.Set("Accept-Language", tt.header)
		r.Header.Set("Cookie", languageCookie+"="+tt.cookie)
		if got := languageOf(r, English); got != tt.want {
			t.Errorf("%+v: got %s", tt, got)
		}
	}
}
