package reports

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/reports/words"
)

// told writes a flow as lines: who to whom, what.
func told(f flow) []string {
	var lines []string
	for _, w := range f.Arrows {
		if w.Divider != "" {
			lines = append(lines, "-- "+w.Divider)
			continue
		}
		line := fmt.Sprintf("%s > %s: %s", f.Lines[w.From].Name, f.Lines[w.To].Name, w.Label)
		if w.Note != "" {
			line += " (" + w.Note + ")"
		}
		if w.Count > 1 {
			line += fmt.Sprintf(" x%d", w.Count)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestFlowIsInTheOrderOfTheRules(t *testing.T) {
	t.Parallel()
	s := sampleStory(t)
	want := []string{
		"Anna > Aurora PEC S.p.A.: submission",
		"Aurora PEC S.p.A. > Anna: acceptance",
		"Aurora PEC S.p.A. > Borea PEC S.r.l.: transport envelope",
		"Borea PEC S.r.l. > Aurora PEC S.p.A.: taken in charge (service mailbox)",
		"Borea PEC S.r.l. > Bruno: transport envelope",
		"Borea PEC S.r.l. > Aurora PEC S.p.A.: delivery",
		"Aurora PEC S.p.A. > Anna: delivery",
	}
	if diff := cmp.Diff(want, told(s.Scenarios["complete-exchange"].Flows[words.English])); diff != "" {
		t.Errorf("flow (-want +got):\n%s", diff)
	}
	want = []string{
		"Anna > Aurora PEC S.p.A.: submission",
		"Aurora PEC S.p.A. > Anna: refused: 554 5.7.1 to the message",
	}
	if diff := cmp.Diff(want, told(s.Scenarios["hidden-recipient"].Flows[words.English])); diff != "" {
		t.Errorf("flow of a refusal (-want +got):\n%s", diff)
	}
	var names []string
	for _, l := range s.Scenarios["complete-exchange"].Flows[words.English].Lines {
		names = append(names, l.Name)
	}
	if diff := cmp.Diff([]string{"Anna", "Aurora PEC S.p.A.", "Borea PEC S.r.l.", "Bruno"}, names); diff != "" {
		t.Errorf("lifelines (-want +got):\n%s", diff)
	}
}

func TestDrawing(t *testing.T) {
	t.Parallel()
	// The paths of the octets hold hashes, which say nothing to who reads a golden.
	f := sampleStory(t).Scenarios["complete-exchange"].Flows[words.English]
	for i := range f.Arrows {
		f.Arrows[i].Path = "evidence/octets"
	}
	drawn := string(f.svg(english(), asItIs))
	wellFormed(t, drawn)
	golden(t, "flow.svg", []byte(strings.ReplaceAll(drawn, "><", ">\n<")+"\n"))
}

// What nobody could read is drawn in part, and says so.
func TestLongFlowsAreCut(t *testing.T) {
	t.Parallel()
	a := &artist{words: english()}
	for i := range 60 {
		a.flow.Lines = append(a.flow.Lines, lifeline{Name: plainNumber(i)})
		a.flow.Arrows = append(a.flow.Arrows, arrow{From: 0, To: i % 3, Label: plainNumber(i), Count: 1}, arrow{From: 0, To: i, Label: "far", Count: 2})
	}
	a.cut()
	last := a.flow.Arrows[len(a.flow.Arrows)-1]
	if len(a.flow.Lines) > maxLines || len(a.flow.Arrows) > maxArrows+1 || !strings.Contains(last.Divider, "more arrows not drawn") {
		t.Errorf("%d lifelines, %d arrows, the last says %q", len(a.flow.Lines), len(a.flow.Arrows), last.Divider)
	}
	for _, w := range a.flow.Arrows {
		if w.From >= len(a.flow.Lines) || w.To >= len(a.flow.Lines) {
			t.Errorf("an arrow leads nowhere: %+v", w)
		}
	}
}

func TestDrawingEscapesWhatItIsTold(t *testing.T) {
	t.Parallel()
	f := flow{
		Lines:  []lifeline{{Name: `<b>"A"&`, Detail: "'x'", Kind: "actor"}},
		Arrows: []arrow{{From: 0, To: 0, Label: "</svg><script>", Note: "&", Path: `"><script>`, Count: 2}, {Divider: "<i>"}},
	}
	drawn := string(f.svg(english(), asItIs))
	wellFormed(t, drawn)
	for _, bad := range []string{"<script", "<b>", "<i>"} {
		if strings.Contains(drawn, bad) {
			t.Errorf("%s got through: %s", bad, drawn)
		}
	}
	if drawn := (flow{}).svg(english(), asItIs); drawn != "" {
		t.Errorf("nothing is drawn as %q", drawn)
	}
}

// asItIs opens octets where they lie.
func asItIs(path string) string { return path }

func wellFormed(t *testing.T, text string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
}
