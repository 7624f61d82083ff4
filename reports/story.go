package reports

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/reports/words"
	"github.com/collaudo/collaudo/rules"
)

// story is what the evidence of a run says, made ready to be told: no octets,
// only what a reader is shown and where the octets lie.
type story struct {
	Dir          string // the run folder
	Began, Ended time.Time
	Played       time.Duration // without the time in which the run was left, or only waited
	Resumed      int           // how often the run was taken up again
	Scenarios    map[string]*episode
	Messages     int // of the target, over all scenarios
	Submissions  int
	Transactions int // between hosts, as far as the adapter showed them
}

// episode is one scenario of the story.
type episode struct {
	Start       evidence.Start
	Began       time.Time
	Played      time.Duration // without the time in which it waited
	Steps       []evidence.Step
	Submissions []item
	Messages    []item
	Probes      []probed
	Dialogues   []overheard
	Flows       map[words.Language]flow
	Trouble     string   // why the flow could not be drawn, in English
	Measured    measures // of the service levels

	octets func(hash string) string // where they lie in the run folder; "" when nowhere
	pages  map[string]string        // paths of messages' pages, by the paths of their octets
}

// item is a submission or a message, as a reader is shown it.
type item struct {
	ID      string     // "s1", "m3"
	What    rules.Text // "acceptance"
	Who     string     // mailbox, or actor
	When    time.Time
	Size    int64
	Path    string     // of the octets, relative to the run folder; "" when they are not there
	Answer  rules.Text // of a submission: what the server said in the end
	Refused bool

	Dialogue string // of a submission: the path of its transcript; "" when there is none
}

// probed is a protocol question, as a reader is shown it.
type probed struct {
	Name, Service, Provider string
	Asked, Outcome          rules.Text
	Replies                 []string
	Dialogue                string // the path of its transcript
}

// page is the page of a message, by the path of its octets; of what has no page
// of its own the path itself.
func (e *episode) page(octets string) string {
	if e != nil && octets != "" && e.pages[octets] != "" {
		return e.pages[octets]
	}
	return octets
}

// timeline is what was sent and received, in the order of time. Mailboxes state
// their times to the second: in a second submissions come first.
func (e *episode) timeline() []item {
	list := slices.Concat(e.Submissions, e.Messages)
	slices.SortStableFunc(list, func(a, b item) int {
		return a.When.Truncate(time.Second).Compare(b.When.Truncate(time.Second))
	})
	return list
}

// holding returns the path of the octets with that hash, "" when they are of
// no submission or message here.
func (e *episode) holding(hash string) string {
	if e == nil || hash == "" {
		return ""
	}
	for _, list := range [][]item{e.Submissions, e.Messages} {
		for i := range list {
			if strings.Contains(list[i].Path, "/"+hash+".") {
				return list[i].Path
			}
		}
	}
	return ""
}

// dialogue returns the path of the transcript of a probe, "" when there is
// none.
func (e *episode) dialogue(probe string) string {
	if e == nil {
		return ""
	}
	for _, p := range e.Probes {
		if p.Name == probe {
			return p.Dialogue
		}
	}
	return ""
}

// find returns the item with that id, or nil.
func (e *episode) find(id string) *item {
	if e == nil || id == "" {
		return nil
	}
	for _, list := range [][]item{e.Submissions, e.Messages} {
		for i := range list {
			if list[i].ID == id {
				return &list[i]
			}
		}
	}
	return nil
}

// anyRun stands for the run folder in the commands of what lies in it: the folder
// is moved and copied, where it was made is nobody's business who reads it, and a
// report must be the same wherever it is made again.
const anyRun = "RUN"

// tell reads the story out of the evidence, a few scenarios at a time: each
// has to be parsed once more, and holds its octets meanwhile.
func tell(record *evidence.Record) *story {
	s := &story{Dir: anyRun, Resumed: record.Resumed[""], Scenarios: map[string]*episode{}}
	episodes := make([]*episode, len(record.Cases))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for i, c := range record.Cases {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			episodes[i] = recount(record, c)
		})
	}
	group.Wait()
	for i, c := range record.Cases {
		e := episodes[i]
		s.Scenarios[c.Start.ID] = e
		s.Messages += len(e.Messages)
		s.Submissions += len(e.Submissions)
		s.Transactions += len(c.Relay)
		if s.Began.IsZero() || e.Began.Before(s.Began) {
			s.Began = e.Began
		}
		if n := len(c.Events); n > 0 && c.Events[n-1].At.After(s.Ended) {
			s.Ended = c.Events[n-1].At
		}
	}
	played, err := evidence.Played(record.Dir)
	if err != nil { // the log was read a moment ago: a figure is not worth the report
		played = s.Ended.Sub(s.Began)
	}
	s.Played = played
	return s
}

func recount(record *evidence.Record, c *evidence.Case) *episode {
	e := &episode{Start: c.Start, Steps: c.Steps, octets: record.Path, pages: map[string]string{}}
	for hash := range sightings(&evidence.Record{Cases: []*evidence.Case{c}}) {
		e.pages[record.Path(hash)] = messagePath(hash)
	}
	if len(c.Events) > 0 {
		e.Began, e.Played = c.Events[0].At, c.Played()
	}
	for _, s := range c.Submissions {
		e.Submissions = append(e.Submissions, item{
			ID: s.ID, What: inBoth(func(w *words.Words) string { return submissionWords(w, s) }), Who: s.Actor, When: s.Started, Size: s.Size,
			Path: record.Path(s.Blob), Answer: inBoth(func(w *words.Words) string { return answerOf(w, s) }), Refused: !s.Accepted(),
			Dialogue: transcriptPath(record, s.Transcript),
		})
	}
	for _, d := range c.Dispatches {
		e.Submissions = append(e.Submissions, item{
			ID: d.ID, What: inBoth(func(w *words.Words) string { return dispatchWords(w, d) }), Who: cmp.Or(d.Peer, harnessName), When: d.Started, Size: d.Size,
			Path: record.Path(d.Blob), Answer: inBoth(func(w *words.Words) string { return dispatchAnswer(w, d) }), Refused: !d.Accepted(),
			Dialogue: transcriptPath(record, d.Transcript),
		})
	}
	for _, p := range c.Probes {
		e.Probes = append(e.Probes, probed{
			Name: p.Name, Service: p.Service, Provider: p.Provider, Asked: rules.Text{EN: p.Asked}, Outcome: inBoth(func(w *words.Words) string { return outcomeOf(w, p) }),
			Replies: replyLines(p.Replies), Dialogue: transcriptPath(record, p.Transcript),
		})
	}
	e.Probes = append(e.Probes, readingItems(record, c)...)
	e.Dialogues = overheardItems(record, c)
	view, err := viewOf(c)
	if err != nil {
		e.Trouble = "The flow cannot be drawn: " + err.Error()
	} else {
		e.Flows = map[words.Language]flow{}
		for _, language := range words.Languages() {
			e.Flows[language] = draw(words.In(language), view, record.Path)
		}
	}
	e.Measured = measure(c, view)
	kinds := map[string]*rules.Message{}
	if view != nil {
		for _, m := range view.Messages {
			kinds[m.ID] = m
		}
	}
	for _, m := range c.Messages {
		what := inBoth(func(w *words.Words) string { return messageWords(w, m, kinds[m.ID]) })
		e.Messages = append(e.Messages, item{ID: m.ID, What: what, Who: m.Mailbox, When: m.Delivered, Size: m.Size, Path: record.Path(m.Blob)})
	}
	return e
}

// viewOf reads the evidence of a scenario. What cannot be read must not keep the
// report of all the others from being written.
func viewOf(c *evidence.Case) (view *rules.View, err error) {
	defer func() {
		if p := recover(); p != nil {
			view, err = nil, fmt.Errorf("reading it panicked: %v", p)
		}
	}()
	return rules.NewView(c)
}
