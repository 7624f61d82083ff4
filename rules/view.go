package rules

import (
	"crypto/x509"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// View is a scenario's evidence made ready for judges: messages parsed once,
// transactions put together, trust read. It adds no opinion.
type View struct {
	Case         *evidence.Case
	Messages     []*Message          // of the target, in order of retrieval
	Transactions []*Transaction      // one per submission, in order
	Trust        *Trust              // the last one seen; nil when none was
	Trusts       []*Trust            // all that were seen, in order; see trustAt
	Unclaimed    []*Message          // messages of the target that belong to no submission and to no dispatch
	Dispatches   []*Dispatch         // what the harness sent as a provider or a mail host of its own, in order
	Own          []*Message          // messages of the harness that were found in mailboxes of the target
	Directories  []*Reading          // looks at the directory, its files and the revocation list, in order
	Servings     []*Serving          // what hosts of the target fetched from directory servers that the harness plays, in order
	Changes      []*Change           // what the harness made known as the directory or the CA, in order
	Certificates []*x509.Certificate // of a file that is judged by itself; none in a scenario

	waited kept[[]*wait] // see waits
}

// Message is a message of the target, parsed.
type Message struct {
	evidence.Message
	PEC         *pec.Message
	Transaction *Transaction // that it belongs to, or the journey of its dispatch; nil when it belongs to none
	Dispatch    *Dispatch    // that it follows from, or (Own) that it is; nil when it belongs to none

	signature kept[signatureRead] // see signatureOf
	verified  kept[signatureRead] // see verifiedSignature
	data      kept[*dataNode]     // see certificationTree
	recipient kept[string]        // see Transaction.recipientOf
}

// Where points at the message; part says where in it.
func (m *Message) Where(part string) Where {
	return Where{Message: m.ID, Blob: m.Blob, Part: part}
}

// Transaction is one submission and everything that followed from it; or the
// same of a dispatch, see journeys.
type Transaction struct {
	evidence.Submission
	Sent     *rawmime.Entity // what was submitted; nil when its octets are not in evidence
	Messages []*Message
	Dispatch *Dispatch // that began it; nil for a submission
	listed   []string  // recipients that the certification data of the dispatched envelope list

	breaches kept[[]breach] // see breachesOf
	due      kept[[]due]    // see View.dues
	flawed   kept[[]flaw]   // see View.flaws
}

// Where points at the submission; part says where in it.
func (t *Transaction) Where(part string) Where {
	return Where{Submission: t.ID, Blob: t.Blob, Part: part}
}

// Dispatch is a message that the harness sent in the role of a provider, or of
// an ordinary mail host, and everything that followed from it.
type Dispatch struct {
	evidence.Dispatch
	PEC      *pec.Message // what was sent, parsed
	Journey  *Transaction // what it began at the target; that of the first for a message sent once more
	Repeats  []*Dispatch  // the same octets, sent once more
	Messages []*Message   // of the target, that followed from it
	Found    []*Message   // the message itself, where it lay in a mailbox

	reception kept[reception] // see View.receptionOf
}

// Where points at the dispatch; part says where in it.
func (d *Dispatch) Where(part string) Where {
	return Where{Submission: d.ID, Blob: d.Blob, Part: part}
}

// In returns the messages of these kinds that followed from the dispatch and
// were found in the mailbox.
func (d *Dispatch) In(mailbox string, kinds ...pec.Kind) []*Message {
	return (&Transaction{Messages: d.Messages}).In(mailbox, kinds...)
}

// Trust is the target's trust data, parsed.
type Trust struct {
	evidence.Trust
	Authority []*x509.Certificate
	Revoked   *x509.RevocationList // nil when absent or unreadable
	Directory *directory.Directory // nil when unreadable
}

// OfKind returns the messages of these kinds, of the whole scenario.
func (v *View) OfKind(kinds ...pec.Kind) []*Message { return ofKind(v.Messages, kinds) }

// OfKind returns the transaction's messages of these kinds.
func (t *Transaction) OfKind(kinds ...pec.Kind) []*Message { return ofKind(t.Messages, kinds) }

// In returns the transaction's messages of these kinds found in the mailbox.
func (t *Transaction) In(mailbox string, kinds ...pec.Kind) []*Message {
	var in []*Message
	for _, m := range t.OfKind(kinds...) {
		if strings.EqualFold(m.Mailbox, mailbox) {
			in = append(in, m)
		}
	}
	return in
}

func ofKind(messages []*Message, kinds []pec.Kind) []*Message {
	var of []*Message
	for _, m := range messages {
		for _, k := range kinds {
			if m.PEC != nil && m.PEC.Kind == k {
				of = append(of, m)
				break
			}
		}
	}
	return of
}

// Provider returns the world's provider whose service address signs for the
// message's From, or nil.
func (v *View) Provider(m *Message) *evidence.Provider {
	if m == nil || m.PEC == nil || m.PEC.Root == nil {
		return nil
	}
	address, err := pec.ParseAddress(m.PEC.Root.Value("From"))
	if err != nil {
		return nil
	}
	for i := range v.Case.World.Providers {
		if pec.SameAddress(v.Case.World.Providers[i].ServiceAddress, address.String()) {
			return &v.Case.World.Providers[i]
		}
	}
	return nil
}

// provider returns the provider of the world with that name, or nil.
func (v *View) provider(name string) *evidence.Provider {
	for i := range v.Case.World.Providers {
		if v.Case.World.Providers[i].Name == name {
			return &v.Case.World.Providers[i]
		}
	}
	return nil
}
