package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// Single is what can be said of one message with nothing else at hand.
type Single struct {
	Message *pec.Message
	Verdict Verdict
	Checks  []Check           // what was judged
	Missing map[string]string // rule → what would be needed to judge it
}

// Message judges one message by itself, as found in a file. trust may be nil:
// rules that need it are then listed as missing it and do not count.
func (court *Court) Message(raw []byte, trust *Trust) (*Single, error) {
	read, err := pec.Read(raw)
	if err != nil {
		return nil, fmt.Errorf("this is not a message: %w", err)
	}
	sum := sha256.Sum256(raw)
	seen := &Message{PEC: read, Message: evidence.Message{
		ID: "message", Emitter: evidence.Target, Blob: hex.EncodeToString(sum[:]), Size: int64(len(raw)),
	}}
	view := &View{
		Case:     &evidence.Case{Start: evidence.Start{ID: "verify"}},
		Messages: []*Message{seen}, Unclaimed: []*Message{seen}, Trust: trust,
	}
	single := &Single{Message: read, Missing: map[string]string{}}
	for _, j := range court.Judges {
		if need := view.missing(j.Needs); need != "" {
			single.Missing[j.Rule] = string(need)
			continue
		}
		for _, c := range court.ask("verify", "judge", j.Rule, "", func(f *Findings) { j.Look(view, f) }) {
			if c.Verdict == Inconclusive {
				single.Missing[c.Rule] = c.Need
				continue
			}
			single.Checks = append(single.Checks, c)
		}
	}
	single.Verdict = verdictOf(single.Checks)
	return single, nil
}
