package provider

import (
	"fmt"

	"github.com/collaudo/collaudo/simulator/journal"
)

// openJournal takes up the provider's legal log from its store.
func (p *Provider) openJournal() (*journal.Journal, error) {
	return journal.Open(p.keeping(journal.Options{
		Provider: p.identity.Name, Ledgers: p.c.Store, Now: p.c.Clock.Now, Stamp: p.c.Stamp,
	}))
}

// log writes a line of the legal log: the one door to it. What cannot be
// logged must not be done, so whoever can stop is told.
func (p *Provider) log(e journal.Entry) error {
	for _, line := range p.written(e) {
		if err := p.journal.Append(line); err != nil {
			return fmt.Errorf("provider %s: %w", p.identity.Name, err)
		}
		if p.c.Logged != nil {
			p.afterwards(func() { p.c.Logged(line) })
		}
	}
	return nil
}

// note writes a line about what has happened already and cannot be stopped any
// more; a store that takes no line then takes nothing else either.
func (p *Provider) note(e journal.Entry) { _ = p.log(e) }

// Journal returns the provider's legal log, oldest line first.
func (p *Provider) Journal() ([]journal.Entry, error) {
	entries, err := p.journal.Entries()
	return p.read(entries), err
}

// LogFiles returns the files in which the log was saved, oldest first.
func (p *Provider) LogFiles() ([]journal.File, error) {
	files, err := p.journal.Files()
	return p.shown(files), err
}

// Extract is what a holder is handed out who asks for the trace of a message.
type Extract struct {
	Entries []journal.Entry
	Octets  []byte // the document, plain text in UTF-8
}

// LogExtract answers to the holder of an address: see journal.Extract. ok is
// false when the provider has no such user.
func (p *Provider) LogExtract(address, messageID string) (e Extract, ok bool, err error) {
	if !p.hadUser(address) {
		return Extract{}, false, nil
	}
	entries, err := p.Journal()
	if err != nil {
		return Extract{}, true, err
	}
	e.Entries = p.extracted(entries, address, messageID)
	e.Octets = journal.Document(p.identity.Name, address, messageID, e.Entries)
	return e, true, nil
}
