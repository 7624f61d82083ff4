package rules

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// storedFor returns what the provider's store of infected messages holds of
// the submission.
func storedFor(v *View, t *Transaction, provider string) [][]byte {
	var all [][]byte
	for _, q := range v.Case.Quarantine {
		if q.Provider != provider {
			continue
		}
		octets, err := v.Case.Blob(q.Blob)
		if err == nil && concerns(octets, t) {
			all = append(all, octets)
		}
	}
	return all
}

// concerns tells whether stored octets are the submission or an envelope of it.
func concerns(octets []byte, t *Transaction) bool {
	id := t.clientMessageID()
	body := bytes.TrimSpace(t.Sent.Body())
	return t.Token != "" && bytes.Contains(octets, []byte(t.Token)) || id != "" && bytes.Contains(octets, []byte(id)) ||
		len(body) > 0 && bytes.Contains(octets, body)
}

func storedBySender(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		if t.Sent != nil && scannerKnows(t, t.Host) && outcomeOf(t).contentJudged() {
			judgeStored(v, f, t, t.Host)
		}
	}
}

// storedByRecipient: what the sender's scanner let through and the recipient's
// found; and what another provider handed over.
func storedByRecipient(v *View, f *Findings) {
	for _, t := range append(accessSubmissions(v), v.peerJourneys()...) {
		if t.Sent == nil || !t.fromPeer() && scannerKnows(t, t.Host) || !t.accepted() {
			continue
		}
		var finders []string
		for _, r := range t.handed() {
			if p := v.Case.ProviderOf(r); p != nil && v.judged(p.Name) && scannerKnows(t, p.Name) && !slices.Contains(finders, p.Name) {
				finders = append(finders, p.Name)
				judgeStored(v, f, t, p.Name)
				storedWhole(v, f, t, p.Name)
			}
		}
	}
}

// storedWhole compares what lies in the store with what was handed over, where
// the transactions between the hosts are known.
func storedWhole(v *View, f *Findings, t *Transaction, provider string) {
	stored := storedFor(v, t, provider)
	if !v.Case.HasRelay && !t.fromPeer() || len(stored) == 0 {
		return
	}
	if t.fromPeer() {
		if slices.ContainsFunc(stored, func(octets []byte) bool {
			kept, err := rawmime.Parse(octets, rawmime.Limits{})
			return err == nil && sameButTrace(t.Dispatch.PEC.Root, kept)
		}) {
			return
		}
	}
	for _, octets := range stored {
		sum := sha256.Sum256(octets)
		hash := hex.EncodeToString(sum[:])
		if slices.ContainsFunc(v.Case.Relay, func(e evidence.RelayExchange) bool {
			return e.To == provider && strings.EqualFold(e.SHA256, hash)
		}) {
			return
		}
	}
	f.Broken(t.Where("store of "+provider), "the envelope as it was handed over to "+provider, "other octets")
}

func judgeStored(v *View, f *Findings, t *Transaction, provider string) {
	where := t.Where("store of " + provider)
	switch {
	case !v.Case.HasQuarantine:
		f.Unable(where, string(NeedQuarantine))
	case len(storedFor(v, t, provider)) > 0:
		f.Holds(where, "stored by "+provider+", which found "+t.Infected)
	case !v.Case.Settled:
		f.Unable(where, notSettled)
	default:
		f.Broken(where, "stored by "+provider+", whose scanner knows "+t.Infected, "not in its store")
	}
}

// infectedKeptAsIs: trace fields of the access point may stand above.
func infectedKeptAsIs(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		if t.Sent == nil || !scannerKnows(t, t.Host) || !outcomeOf(t).contentJudged() {
			continue
		}
		where, expected := t.Where("store of "+t.Host), "the submitted octets, as they are"
		stored := storedFor(v, t, t.Host)
		if len(stored) == 0 {
			judgeStored(v, f, t, t.Host)
			continue
		}
		problem := "unreadable"
		for _, octets := range stored {
			if kept, err := rawmime.Parse(octets, rawmime.Limits{}); err == nil {
				if problem = keptDifference(t.Sent, kept); problem == "" {
					break
				}
			}
		}
		if problem == "" {
			f.Holds(where, "kept as it was submitted")
		} else {
			f.Broken(where, expected, problem)
		}
	}
}

// keptDifference is compareOriginals for a message that nobody gave an
// identifier: the submitted Message-ID must still be there.
func keptDifference(sent, kept *rawmime.Entity) string {
	if a, b := sent.Values("Message-ID"), kept.Values("Message-ID"); !slices.Equal(a, b) {
		return "Message-ID was " + shownValues(a) + " and is " + shownValues(b)
	}
	difference, added := compareOriginals(sent, kept)
	if difference == "" && len(added) > 0 {
		return "added: " + strings.Join(added, ", ")
	}
	return difference
}
