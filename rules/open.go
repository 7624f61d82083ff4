package rules

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// NewView makes a scenario's evidence ready for judges. It fails when octets
// that the events cite are missing or unreadable: evidence that cannot be read
// must end in an error of the harness, never in silence.
func NewView(c *evidence.Case) (*View, error) {
	v := &View{Case: c}
	for _, s := range c.Submissions {
		t := &Transaction{Submission: s}
		if s.Blob != "" {
			octets, err := c.Blob(s.Blob)
			if err != nil {
				return nil, fmt.Errorf("submission %s: %w", s.ID, err)
			}
			if len(octets) > 0 {
				if t.Sent, err = rawmime.Parse(octets, rawmime.Limits{}); err != nil {
					return nil, fmt.Errorf("submission %s: %w", s.ID, err)
				}
			}
		}
		v.Transactions = append(v.Transactions, t)
	}
	for _, seen := range c.Trust {
		trust, err := readTrust(c, seen)
		if err != nil {
			return nil, err
		}
		v.Trust, v.Trusts = trust, append(v.Trusts, trust)
	}
	if err := v.readDispatches(c); err != nil {
		return nil, err
	}
	for _, m := range c.Messages {
		if m.Emitter != evidence.Target && m.Emitter != evidence.Harness {
			continue
		}
		octets, err := c.Blob(m.Blob)
		if err != nil {
			return nil, fmt.Errorf("message %s: %w", m.ID, err)
		}
		read, err := pec.Read(octets)
		if err != nil {
			return nil, fmt.Errorf("message %s: %w", m.ID, err)
		}
		seen := &Message{Message: m, PEC: read}
		if m.Emitter == evidence.Harness && !v.own(seen) {
			seen.Emitter = evidence.Target // it was made of what the harness sent
		}
		if seen.Emitter == evidence.Target {
			v.Messages = append(v.Messages, seen)
		}
	}
	v.claim()
	if err := v.carryOnOpen(); err != nil {
		return nil, err
	}
	return v, v.readDirectories(c)
}

// claim gives every message to the submission that it follows from: by the
// client's msgid, by the token in the subject, and last by the PEC msgid that
// other messages of the transaction carry.
func (v *View) claim() {
	byMessageID := map[string]*Transaction{}
	for _, t := range v.Transactions {
		if t.Sent != nil {
			if id := t.Sent.Value("Message-ID"); id != "" {
				byMessageID[id] = t
			}
		}
	}
	for _, m := range v.Messages {
		if d := v.dispatchOf(m); d != nil {
			d.follow(m)
			continue
		}
		m.Transaction = v.claimant(m, byMessageID)
	}
	byIdentifier := map[string]*Transaction{}
	for _, m := range v.Messages {
		if c := m.PEC.Certification; c != nil && m.Transaction != nil && m.Dispatch == nil && c.Identifier != "" {
			byIdentifier[c.Identifier] = m.Transaction
		}
	}
	for _, m := range v.Messages {
		if m.Dispatch != nil {
			continue
		}
		if c := m.PEC.Certification; c != nil && m.Transaction == nil {
			m.Transaction = byIdentifier[c.Identifier]
		}
		if m.Transaction == nil {
			v.Unclaimed = append(v.Unclaimed, m)
			continue
		}
		m.Transaction.Messages = append(m.Transaction.Messages, m)
	}
}

func (v *View) claimant(m *Message, byMessageID map[string]*Transaction) *Transaction {
	// The token survives every fault that touches an identifier, and the
	// identifier every fault that touches a subject: either is enough.
	for _, t := range v.Transactions {
		if t.Token != "" && carriesToken(m.PEC, t.Token) {
			return t
		}
	}
	for _, id := range []string{m.PEC.Root.Value(pec.HeaderReference), m.PEC.Root.Value("Message-ID")} {
		if t := byMessageID[id]; id != "" && t != nil {
			return t
		}
	}
	if c := m.PEC.Certification; c != nil && c.HasMessageID {
		if t := byMessageID[c.MessageID]; t != nil {
			return t
		}
	}
	if len(v.Transactions) == 1 && !enclosesAnother(m.PEC) && !plainMail(m.PEC) {
		return v.Transactions[0]
	}
	return nil
}

// enclosesAnother tells an anomaly envelope around a message with an
// identifier of its own, such as the bounce of an ordinary mail host: it speaks
// of that message and of no submission.
func enclosesAnother(m *pec.Message) bool {
	return m.Kind == pec.AnomalyEnvelope && m.Original != nil && m.Original.Value("Message-ID") != ""
}

// plainMail tells mail of somebody's own, which nothing makes certified e-mail
// and which has an identifier: it speaks for itself.
func plainMail(m *pec.Message) bool {
	return m.Kind == pec.Ordinary && len(m.CertificationParts) == 0 && m.Root.Value("Message-ID") != ""
}

func carriesToken(m *pec.Message, token string) bool {
	if strings.Contains(rawmime.DecodeWords(m.Root.Value("Subject")), token) {
		return true
	}
	if c := m.Certification; c != nil && strings.Contains(c.Subject, token) {
		return true
	}
	return false
}

func readTrust(c *evidence.Case, seen evidence.Trust) (*Trust, error) {
	var octets [3][]byte
	for i, blob := range []string{seen.Authority, seen.Revoked, seen.Directory} {
		var err error
		if octets[i], err = c.Blob(blob); err != nil {
			return nil, fmt.Errorf("trust at %s: %w", seen.Instant.Format(time.RFC3339), err)
		}
	}
	t := NewTrust(octets[0], octets[1], octets[2])
	t.Trust = seen
	return t, nil
}

// NewTrust reads a CA (PEM), its CRL (PEM or DER) and a directory (LDIF). Any of them
// may be empty or unreadable; it is then nil in the result, and judges that
// need it say so.
func NewTrust(authority, revoked, ldif []byte) *Trust {
	t := &Trust{}
	for block, rest := pem.Decode(authority); block != nil; block, rest = pem.Decode(rest) {
		if certificate, err := x509.ParseCertificate(block.Bytes); err == nil {
			t.Authority = append(t.Authority, certificate)
		}
	}
	t.Revoked = readRevocationList(revoked)
	if len(ldif) > 0 {
		if read, err := directory.ReadLDIF(bytes.NewReader(ldif)); err == nil {
			t.Directory = read
		}
	}
	return t
}
