package steps

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cucumber/godog"
	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence"
)

const littleFeature = `Feature: little
  Background:
    Given Anna's well-formed message is accepted

  Scenario: little
    When Anna sends a message with lines that begin with a dot to Bruno, hiding Dario from the header
    Then it is refused by notice
    And Anna receives one delivery receipt about Bruno
`

func runFeature(t *testing.T, s *stage, text string) int {
	t.Helper()
	suite := godog.TestSuite{
		ScenarioInitializer: s.world.Register,
		Options: &godog.Options{
			Strict: true, Format: "progress", Output: &strings.Builder{}, NoColors: true,
			DefaultContext:  t.Context(),
			FeatureContents: []godog.Feature{{Name: "little.feature", Contents: []byte(text)}},
		},
	}
	return suite.Run()
}

func TestAScenarioLeavesItsEvidence(t *testing.T) {
	t.Parallel()
	s := setStage(t, nil)
	if code := runFeature(t, s, littleFeature); code != 0 {
		t.Fatalf("godog ended with %d", code)
	}
	c := s.close()
	var types []evidence.Type
	for _, e := range c.Events {
		types = append(types, e.Type)
	}
	want := []evidence.Type{
		"world", "submission", "step", "submission", "step",
		"trust", "journal", "quarantine", "journal", "quarantine", "settled",
		"expectation", "step", "expectation", "step",
	}
	if diff := cmp.Diff(want, types); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if !c.Submissions[0].Twin || c.Submissions[1].Twin {
		t.Error("the first submission, and only the first, is the twin")
	}
	sub := c.Submissions[1]
	if !sub.Authenticated || !sub.TLS || !sub.Accepted() || len(sub.Recipients) != 2 || sub.Actor != "Anna" || sub.Host != "Aurora" {
		t.Errorf("submission %+v", sub)
	}
	sent, err := c.Blob(sub.Blob)
	if err != nil {
		t.Fatal(err)
	}
	if _, heard := s.submission.heard(); string(heard[1]) != string(sent) {
		t.Error("the octets in evidence are not those that the server heard")
	}
	expected := []evidence.Expectation{
		{ID: "e1", Text: "it is refused by notice", Check: "refused", Submission: "s2", Parameters: map[string]string{"by": "notice"}},
		{
			ID: "e2", Text: "Anna receives one delivery receipt about Bruno", Check: "receives", Submission: "s2",
			Parameters: map[string]string{"mailbox": "anna@aurora.example", "kind": "Delivery", "count": "1", "about": "bruno@borea.example"},
		},
	}
	if diff := cmp.Diff(expected, c.Expectations); diff != "" {
		t.Errorf("expectations (-want +got):\n%s", diff)
	}
	noSecrets(t, s.dir)
}

// noSecrets looks for passwords in everything that a run leaves behind.
func noSecrets(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		octets, err := os.ReadFile(path)
		if strings.Contains(string(octets), "segreto") || strings.Contains(string(octets), "c2VncmV0by") {
			t.Errorf("%s holds a password", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
