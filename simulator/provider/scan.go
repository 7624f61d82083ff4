package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/simulator/antivirus"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/smtp"
)

// looked is what the antivirus answered about octets.
type looked struct {
	result antivirus.Result
	err    error // nobody has looked
}

// look asks the antivirus about octets, which were read as a message where read
// is not nil.
func (p *Provider) look(ctx context.Context, octets []byte, read *rawmime.Entity) looked {
	result, err := p.c.Scanner.Look(ctx, octets, read)
	return looked{result, err}
}

// unverifiable is what a message is said to hold when the scanner met a limit
// of its own before it had seen all: nothing goes on that nobody has looked at.
const unverifiable = "Contenuto-Non-Verificabile"

// clean says what was found at a point (access, incoming), "" for nothing. What
// could not be looked through for a limit of the scanner counts as found: at the
// access point it is refused as a virus is, and kept; from another provider it is
// kept and told as a virus; ordinary mail is refused by SMTP. An error is a
// refusal for now: nobody has looked.
func (p *Provider) clean(set *faults.Set, point string, seen looked) (string, error) {
	switch {
	case !set.Check(point+"/virus", seen.result.Found == ""):
		if seen.result.Found == "" {
			return set.Found(point+"/virus", unverifiable), nil
		}
		return seen.result.Found, nil
	case seen.err != nil:
		return "", unlooked(seen.err)
	case !set.Check(point+"/scan-complete", seen.result.Incomplete == ""):
		return unverifiable, nil
	}
	return "", nil
}

// errUnlooked marks the refusal of what nobody has looked through.
var errUnlooked = errors.New("nobody has looked through the message")

// unlooked is the refusal while the antivirus does not answer: whoever sends
// keeps the message and tries again (RFC 5321 4.2.1). It is not said to whom it
// listens.
func unlooked(why error) error {
	reply := smtp.Refuse(451, 4, 3, 0, "The message cannot be checked for viruses now: try again later")
	return fmt.Errorf("%w (%w: %w)", reply, errUnlooked, why)
}

// scan looks for what must not come in, also inside an opaque signature.
func (p *Provider) scan(ctx context.Context, a *arrival) (err error) {
	a.found, err = p.clean(a.faults, "incoming", p.look(ctx, a.octets, a.message.Root))
	if err == nil && a.found == "" && a.opaque != nil {
		a.found, err = p.clean(a.faults, "incoming", p.look(ctx, a.opaque, nil))
	}
	return err
}

// noteUnlooked writes into the legal log that a message was turned away because
// nobody could look through it; other errors it leaves alone.
func (p *Provider) noteUnlooked(t smtp.Transaction, err error) {
	if errors.Is(err, errUnlooked) {
		p.note(journal.Entry{
			At: p.now(), Event: journal.Refused, Sender: t.ReversePath, Recipients: t.Recipients,
			Issuer: p.identity.Name, Detail: err.Error(),
		})
	}
}
