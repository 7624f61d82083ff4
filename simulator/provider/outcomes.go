package provider

import (
	"crypto"
	"encoding/hex"
	"encoding/json"
	"hash/fnv"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/simulator/store"
)

// outcomesLedger holds what became of a message for each recipient. It outlives
// a restart, so that a sender who tries again after a lost 250, and work that is
// taken up again, deliver nothing twice.
const outcomesLedger = "outcomes"

// Kinds of outcomes.
const (
	outcomeDelivery  = "delivery"   // of an envelope to a mailbox, or that it failed
	outcomeVirus     = "virus"      // the sending provider is told of a virus
	outcomeVirusTold = "virus-told" // our user is told that another provider found one
)

// outcome is what became of a message for a recipient.
type outcome struct {
	At     time.Time `json:"at"`
	Stored bool      `json:"stored"` // it is in the mailbox
	Told   bool      `json:"told"`   // whoever had to be told has been
}

// outcomeKey tells one message from another: by who signed it, its identifier
// and what was signed, so that nobody can use up another's identifier, and one
// that a provider gives twice loses no message. A notice is told by what it is
// about.
func outcomeKey(a *arrival, kind, recipient string) string {
	content := ""
	if kind != outcomeVirusTold && a.message.Signed != nil {
		content = a.signedHash()
	}
	return strings.Join([]string{kind, strings.ToLower(recipient), a.certification().Identifier, a.signerName(), content}, "\n")
}

// signedHash is the SHA-256 of what was signed, in hex: that of the signature
// where it was verified with it.
func (a *arrival) signedHash() string {
	if s := a.signature; s != nil && a.opaque == nil && s.Digest == crypto.SHA256 && len(s.ContentDigest) > 0 {
		return hex.EncodeToString(s.ContentDigest)
	}
	return store.Hash(a.message.Signed.Raw())
}

func (a *arrival) signerName() string {
	if a.signer == nil {
		return ""
	}
	return strings.ToLower(a.signer.ProviderName)
}

// outcome returns what is known, nil for nothing.
func (p *Provider) outcome(key string) (*outcome, error) {
	data, there := p.c.Store.Recorded(outcomesLedger, key)
	if !there || p.forgetsOutcomes() {
		return nil, nil
	}
	var o outcome
	return &o, json.Unmarshal(data, &o)
}

func (p *Provider) keepOutcome(key string, o outcome) error {
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return p.c.Store.Record(outcomesLedger, key, data)
}

// once tells whether the recipient's share of an arrival was done before, and
// notes that it is now. The arrival's message is claimed.
func (p *Provider) once(a *arrival, kind, recipient string) (before bool, err error) {
	key := outcomeKey(a, kind, recipient)
	known, err := p.outcome(key)
	if err != nil || known != nil {
		return known != nil, err
	}
	return false, p.keepOutcome(key, outcome{At: a.at, Told: true})
}

// about names what an arrival is about, as far as others can be about the
// same: the PEC msgid, or what the message calls itself.
func (a *arrival) about() string {
	if c := a.message.Certification; c != nil && c.Identifier != "" {
		return c.Identifier
	}
	return a.message.Root.Value("Message-ID")
}

// claims keep two elaborations of the same message apart: few locks for any
// number of messages.
type claims [64]sync.Mutex

// hold takes the key's lock; the function returned gives it back.
func (c *claims) hold(key string) (release func()) {
	h := fnv.New32a()
	h.Write([]byte(key))
	lock := &c[h.Sum32()%uint32(len(c))]
	lock.Lock()
	return lock.Unlock
}
