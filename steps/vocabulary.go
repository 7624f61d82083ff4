package steps

import (
	"context"
	"regexp"
	"slices"
	"sync"

	"github.com/cucumber/godog"

	"github.com/collaudo/collaudo/evidence"
)

// definition is one step of the vocabulary: what it matches, what it means to
// a reader, and what it does.
type definition struct {
	pattern string
	says    string
	do      any // a method of World, as godog takes it
}

// vocabulary lists every step there is. It is closed: a scenario can say
// nothing else, each step is used, and no two say the same (kept by a test).
func (w *World) vocabulary() []definition {
	return slices.Concat(w.userVocabulary(), w.peerVocabulary(), w.timeVocabulary(), w.networkVocabulary(), w.directoryVocabulary(), w.clientVocabulary(), w.lifeVocabulary())
}

// userVocabulary lists what users do, what is asked of the target's services,
// and what may be expected.
func (w *World) userVocabulary() []definition {
	party, list := partyPattern(), partiesPattern()
	return []definition{
		{
			`^(` + party + `)'s well-formed message is accepted$`,
			"sends a plain message that must go through, so that the refusals that follow mean something", w.sendTwin,
		},
		{
			`^(` + party + `) sends (an? .+?)(?: asking for a (complete|brief|concise) receipt)?(?: with replies to (` + party + `))? to (` + list + `)(?: with (` + list + `) in copy)?(?:, (` + mannersPattern() + `))?$`,
			"sends a message, in a way where one is named", w.send,
		},
		{
			`^(` + party + `) sends (\d+) plain messages to (` + party + `) over (\d+) connections at once$`,
			"sends many messages at the same time", w.sendMany,
		},
		{
			`^somebody tries (` + probesPattern() + `) at (Anna|Bruno)'s provider$`,
			"asks a protocol question that is no mail transaction", w.probe,
		},
		{
			`^the log and the quarantine of both providers are read$`,
			"takes what the providers claim of their inside into evidence", w.readInside,
		},

		{`^(?:it is|each is) accepted$`, "asks for one acceptance and no refusal", w.expectAccepted},
		{`^it is refused(?: by (SMTP|notice))?$`, "asks for a refusal, by either way or by the one named", w.expectRefused},
		{
			`^(` + party + `) receives (no|one|two|three) (` + kindsPattern() + `)(?: about (` + party + `))?$`,
			"asks how many messages of a kind came of the submission", w.expectReceives,
		},
		{`^(` + party + `) receives nothing$`, "asks for an empty mailbox", w.expectMailboxEmpty},
		{`^nothing more follows$`, "asks that nothing came of the submission but what the other steps name", w.expectNothingMore},
		{`^the transaction is complete$`, "asks for one lawful final outcome for each recipient", w.expectComplete},
		{`^(` + party + `) is labelled as (certified|ordinary) mail$`, "asks for the label of a recipient", w.expectLabel},
		{
			`^the delivery receipt about (` + party + `) encloses (the whole original|the original in brief|no original)$`,
			"asks for the content of a delivery receipt", w.expectReceiptContent,
		},
		{`^the original reaches (` + party + `) intact$`, "asks that the enclosed original is the one that was sent", w.expectIntact},
		{`^that is (refused|allowed|done over TLS)$`, "asks for the outcome of a protocol question", w.expectProbe},
	}
}

// Entry is one step of the vocabulary, for documentation.
type Entry struct {
	Pattern string
	Says    string
}

// Vocabulary lists every step that a scenario can use.
func Vocabulary() []Entry {
	var all []Entry
	for _, d := range new(World).vocabulary() {
		all = append(all, Entry{d.pattern, d.says})
	}
	return all
}

// Register gives godog the vocabulary, bound to this world. It is to be called
// from a ScenarioInitializer and nowhere else: steps registered for a suite
// are shared between scenarios that run at the same time.
func (w *World) Register(sc *godog.ScenarioContext) {
	sc.Before(func(ctx context.Context, _ *godog.Scenario) (context.Context, error) {
		w.beforeFirst()
		return ctx, w.begin(ctx)
	})
	sc.StepContext().Before(func(ctx context.Context, step *godog.Step) (context.Context, error) {
		w.mu.Lock()
		w.stepText = step.Text
		w.step++
		w.mu.Unlock()
		return ctx, nil
	})
	sc.StepContext().After(func(ctx context.Context, step *godog.Step, status godog.StepResultStatus, err error) (context.Context, error) {
		if isSuspended(err) || status == godog.StepSkipped && w.waits() {
			return ctx, nil // it is carried out when its time has come
		}
		taken := &evidence.Step{Text: step.Text}
		if err != nil {
			taken.Error = err.Error()
		}
		return ctx, w.recorder.Record(evidence.Event{Type: evidence.StepTaken, Step: taken})
	})
	compiled := expressions()
	for _, d := range w.vocabulary() {
		sc.Step(compiled[d.pattern], d.do)
	}
}

// expressions are the patterns of the vocabulary, compiled once for all worlds:
// each scenario has a world of its own, and compiling cost more than playing.
var expressions = sync.OnceValue(func() map[string]*regexp.Regexp {
	compiled := map[string]*regexp.Regexp{}
	for _, d := range new(World).vocabulary() {
		compiled[d.pattern] = regexp.MustCompile(d.pattern)
	}
	return compiled
})
