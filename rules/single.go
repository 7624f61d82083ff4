package rules

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
)

// Single is what can be said of one message with nothing else at hand.
type Single struct {
	Message *pec.Message
	Verdict Verdict
	Cut     string            // where the message ends too early, and what is missing; "" when it is whole
	Trusted bool              // the CA and the directory were at hand, so that trust was judged
	Checks  []Check           // what was judged
	Missing map[string]string // rule → what would be needed to judge it, or to judge it wholly

	Signature    *smime.Signature // nil when there is none that can be read
	SignatureErr error            // why it does not verify, nil when it does
}

// Outcome puts the verdict in the words of a run. A message about which
// nothing could be said is inconclusive, never a pass.
func (s *Single) Outcome() Outcome {
	has := func(v Verdict) bool {
		return slices.ContainsFunc(s.Checks, func(c Check) bool { return c.Verdict == v })
	}
	switch {
	case s.Verdict == Error:
		return Invalid
	case s.Verdict == Fail:
		return NotConformant
	case s.Verdict == Inconclusive:
		return Inconclusives
	case s.Verdict == Warn:
		return ConformantWithWarnings
	case has(Pass):
		return Conformant
	}
	return Inconclusives
}

// Kept lists the rules that were wholly judged and are kept.
func (s *Single) Kept() []string {
	worst := map[string]Verdict{}
	var all []string
	for _, c := range s.Checks {
		was, seen := worst[c.Rule]
		if !seen {
			all = append(all, c.Rule)
		}
		if !seen || c.Verdict.Worse(was) {
			worst[c.Rule] = c.Verdict
		}
	}
	return slices.DeleteFunc(all, func(rule string) bool {
		_, partly := s.Missing[rule]
		return worst[rule] != Pass || partly
	})
}

// structureRule is the rule about the outer multipart/signed.
const structureRule = "PEC-GEN-001"

// Message judges one message by itself, as found in a file. trust may be nil,
// or hold no directory or no CA: rules that need it are then listed as missing
// it and do not count.
//
// Under a header with the boundary of another message the parts would not be
// found. That breaks the rule about the structure; all others are judged with
// the boundary that the body has, so that they can say what else does not fit.
func (court *Court) Message(raw []byte, trust *Trust) (*Single, error) {
	read, err := pec.Read(raw)
	if err != nil {
		return nil, fmt.Errorf("this is not a message: %w", err)
	}
	if trust != nil && (trust.Directory == nil || len(trust.Authority) == 0) {
		trust = nil // half of it would make everybody a stranger
	}
	asWritten := loneView(read, trust)
	view := asWritten
	if other := rebound(read); other != nil {
		view = loneView(other, trust)
	}
	seen := view.Messages[0]
	single := &Single{
		Message: seen.PEC, Cut: cutWords(read), Missing: map[string]string{},
		Trusted: view.supplies(NeedTrust),
	}
	for _, j := range court.Judges {
		if need := view.missing(j.Needs); need != "" {
			single.Missing[j.Rule] = string(need)
			continue
		}
		at := view
		if j.Rule == structureRule {
			at = asWritten
		}
		for _, c := range court.ask("verify", "judge", j.Rule, "", func(f *Findings) { j.Look(at, f) }) {
			// Trust may be given in part; whatever else cannot be told counts.
			if c.Verdict == Inconclusive && slices.Contains(j.Needs, NeedTrust) {
				single.Missing[c.Rule] = c.Need
				continue
			}
			single.Checks = append(single.Checks, c)
		}
	}
	single.Verdict = verdictOf(single.Checks)
	if single.Cut != "" && (read.Kind != pec.Ordinary || headerCut(read)) && Fail.Worse(single.Verdict) {
		single.Verdict = Fail
	}
	if single.Signature, single.SignatureErr = signatureOf(seen); single.SignatureErr == nil {
		_, single.SignatureErr = verifiedSignature(seen)
	}
	if errors.Is(single.SignatureErr, errNoSignature) {
		single.Signature = nil
	}
	return single, nil
}

// loneView is the view of a message without a world around it.
func loneView(read *pec.Message, trust *Trust) *View {
	sum := sha256.Sum256(read.Raw)
	seen := &Message{PEC: read, Message: evidence.Message{
		ID: "message", Emitter: evidence.Target, Blob: hex.EncodeToString(sum[:]), Size: int64(len(read.Raw)),
	}}
	return &View{
		Case:     &evidence.Case{Start: evidence.Start{ID: "verify"}},
		Messages: []*Message{seen}, Trust: trust,
	}
}

// mostBoundaries bounds how many lines are tried as the boundary of a body.
const mostBoundaries = 10

// strangeBoundary returns the boundary of the header of a multipart/signed
// that is nowhere in the body, and the one that the body has instead; "" when
// it is not like that.
func strangeBoundary(m *pec.Message) (named, used string) {
	mediaType, parameters := m.Root.MediaType()
	named = parameters["boundary"]
	if mediaType != "multipart/signed" || named == "" || len(m.Root.Parts) > 0 {
		return "", ""
	}
	body, tried := m.Root.Body(), 0
	for line := range bytes.Lines(body) {
		name, dashed := bytes.CutPrefix(bytes.TrimRight(line, " \t\r\n"), []byte("--"))
		if !dashed || len(name) == 0 || len(name) > 70 {
			continue
		}
		if bytes.Contains(body, slices.Concat([]byte("\n--"), name, []byte("--"))) {
			return named, string(name)
		}
		if tried++; tried == mostBoundaries {
			break
		}
	}
	return "", ""
}

// rebound reads a message again, under a header with the boundary that its
// body has; nil when its own boundary is there.
func rebound(m *pec.Message) *pec.Message {
	named, used := strangeBoundary(m)
	if used == "" {
		return nil
	}
	field := m.Root.Lookup("Content-Type")[0]
	altered := bytes.Replace(field.Raw(), []byte(named), []byte(used), 1)
	other, err := pec.Read(slices.Concat(m.Raw[:field.Start], altered, m.Raw[field.End:]))
	if err != nil || len(other.Root.Parts) == 0 {
		return nil
	}
	return other
}
