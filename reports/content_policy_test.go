package reports

import (
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports/words"
)

// sealedSample is the folder of a sample run with its report.
func sealedSample(t *testing.T, language words.Language) string {
	t.Helper()
	dir := sampleRun(t)
	if err := Write(dir, sampleResult(), loadCatalogue(t), WriteOptions{Language: language, Scenarios: 360}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func readIn(t *testing.T, dir, name string) string {
	t.Helper()
	octets, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(octets)
}

// What a target sent must run nowhere: each page says before anything else what a
// browser may do with it, and knows its own style and script by their hashes.
func TestPagesNameWhatTheyRun(t *testing.T) {
	t.Parallel()
	dir := sealedSample(t, words.English)
	for _, name := range []string{HTMLFile, DossierFile, DossierItalianFile} {
		page := readIn(t, dir, name)
		found := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="(default-src 'none';[^"]*)">`).FindStringSubmatchIndex(page)
		if found == nil {
			t.Errorf("%s has no policy that begins with default-src 'none'", name)
			continue
		}
		policy := page[found[2]:found[3]]
		elements := regexp.MustCompile(`(?s)<(style|script)[^>]*>(.*?)</(?:style|script)>`).FindAllStringSubmatchIndex(page, -1)
		if len(elements) == 0 {
			t.Errorf("%s has no style", name)
		}
		for _, e := range elements {
			kind := page[e[2]:e[3]]
			sum := sha256.Sum256([]byte(page[e[4]:e[5]]))
			want := kind + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
			if e[0] < found[0] || !strings.Contains(policy, want) {
				t.Errorf("%s: the %s at octet %d is not named before by the policy %q: want %s", name, kind, e[0], policy, want)
			}
		}
		if attributes := regexp.MustCompile(`<[^>]+ style="`).MatchString(page); attributes != strings.Contains(policy, "style-src-attr") {
			t.Errorf("%s: style attributes %v, and the policy is %q", name, attributes, policy)
		}
	}
}

func TestDrawingEscapesWhatItIsDrawnAs(t *testing.T) {
	t.Parallel()
	hostile := `"><script>alert(1)</script>`
	f := flow{Lines: []lifeline{{Kind: hostile}, {Kind: "actor"}}, Arrows: []arrow{{To: 1, Tone: hostile}}}
	drawn := string(f.svg(words.In(words.English), func(path string) string { return path }))
	if strings.Contains(drawn, "<script") || strings.Count(drawn, "&lt;script&gt;") != 2 {
		t.Errorf("drawn: %s", drawn)
	}
}

// What is sealed is the same wherever the run lies, and says nothing of the machine.
func TestReportDoesNotTellWhereItWasMade(t *testing.T) {
	t.Parallel()
	dir := sealedSample(t, words.English)
	if err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		octets, err := os.ReadFile(path)
		if strings.Contains(string(octets), filepath.ToSlash(filepath.Dir(dir))) {
			t.Errorf("%s holds the path of the run folder", filepath.Base(path))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(readIn(t, dir, DossierFile), "collaudo report verify RUN") {
		t.Error("the dossier does not say how it is verified")
	}
	if !strings.Contains(readIn(t, dir, DossierFile), " of 360</dd>") || !strings.Contains(readIn(t, dir, DossierItalianFile), " su 360</dd>") {
		t.Error("the dossier does not say how many scenarios there are")
	}
}

// Again makes, octet for octet, what Write put there, and only that; moved away, and
// in the language of the report.
func TestReportIsMadeAgain(t *testing.T) {
	t.Parallel()
	for _, language := range []words.Language{words.English, words.Italian} {
		t.Run(string(language), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "moved")
			if err := os.CopyFS(dir, os.DirFS(sealedSample(t, language))); err != nil {
				t.Fatal(err)
			}
			checked, err := evidence.CheckManifest(dir)
			if err != nil || checked.Manifest == nil {
				t.Fatalf("%+v, %v", checked, err)
			}
			left := map[string]bool{}
			for _, f := range checked.Manifest.Files {
				if !strings.HasPrefix(f.Path, "evidence/") && f.Path != evidence.EventsFile && f.Path != ResultFile {
					left[f.Path] = true
				}
			}
			var again []string
			made := make(chan string)
			done := make(chan error, 1)
			go func() {
				done <- Again(dir, sampleResult(), loadCatalogue(t), WriteOptions{Scenarios: 360}, func(name string, octets []byte) {
					if whole, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name))); err != nil || string(whole) != string(octets) {
						t.Errorf("%s is made otherwise (%v)", name, err)
					}
					made <- name
				})
				close(made)
			}()
			for name := range made {
				again = append(again, name)
				delete(left, name)
			}
			if err := <-done; err != nil || len(again) < 10 || len(left) > 0 {
				t.Errorf("%v; made again: %v; not: %v", err, again, left)
			}
		})
	}
}

// A page that an earlier report of the folder left goes; what no report makes is
// refused, and not deleted.
func TestWriteEmptiesTheFolderOfPages(t *testing.T) {
	t.Parallel()
	dir := sealedSample(t, words.English)
	stale := filepath.Join(dir, messagesFolder, strings.Repeat("a", 64)+".html")
	if err := os.WriteFile(stale, []byte("from another run"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, sampleResult(), loadCatalogue(t), WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stale); err == nil {
		t.Error("the page of another report is still there")
	}
	letter := filepath.Join(dir, messagesFolder, "letter.html")
	if err := os.WriteFile(letter, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, sampleResult(), loadCatalogue(t), WriteOptions{}); err == nil || !strings.Contains(err.Error(), "messages/letter.html") {
		t.Errorf("a file of somebody else: error %v", err)
	}
	if _, err := os.Stat(letter); err != nil {
		t.Errorf("it was taken away: %v", err)
	}
}
