package simulator

import (
	"archive/tar"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/events"
	"github.com/collaudo/collaudo/simulator/history"
)

// Export writes all that the world holds as a tar archive: mailboxes.json (what
// lies where) with the octets in messages/HASH.eml, the legal logs, the
// quarantine, what was said on the protocols, the events that are still kept, and
// what the authority publishes. Infected messages stay encoded in
// quarantine.json. Nothing is stopped meanwhile: a message that arrives late may
// be in one of the files and not in the other.
func (w *World) Export(ctx context.Context, to io.Writer) error {
	a := &archive{ctx: ctx, writer: tar.NewWriter(to), at: w.Now()}
	boxes, err := w.Mailboxes("")
	if err != nil {
		return err
	}
	type content struct {
		control.Mailbox
		Contents []control.MailboxMessage `json:"contents"`
	}
	all := []content{}
	for _, b := range boxes {
		list, err := w.Messages(b.Address, control.MessageChoice{})
		if err != nil {
			return err
		}
		all = append(all, content{b, list})
	}
	a.value("mailboxes.json", all, nil)
	written := map[string]bool{}
	for _, b := range all {
		for _, m := range b.Contents {
			if written[m.SHA256] {
				continue
			}
			written[m.SHA256] = true
			octets, err := w.Message(m.SHA256)
			a.file("messages/"+m.SHA256+".eml", octets, err)
		}
	}
	lines, err := w.Journal("")
	a.value("journal.json", lines, err)
	kept, err := w.Quarantine("")
	a.value("quarantine.json", kept, err)
	relayed, err := w.Sessions("")
	a.value("relay.json", relayed, err)
	a.value("history.json", w.said(), nil)
	record, _, err := w.events.After(w.events.Oldest()-1, events.Filter{}, 0)
	a.value("events.json", record, err)
	trust, err := w.Trust()
	a.file("trust/ca.pem", []byte(trust.CA), err)
	a.file("trust/crl.pem", []byte(trust.CRL), nil)
	a.file("trust/directory.ldif", []byte(trust.Directory), nil)
	return a.close()
}

// said are the protocol sessions with their lines.
func (w *World) said() []history.Session {
	all := []history.Session{}
	for _, s := range w.history.List(history.Filter{}) {
		if whole, ok := w.history.Get(s.ID); ok {
			all = append(all, whole)
		}
	}
	return all
}

// archive writes files until one cannot be had or written.
type archive struct {
	ctx    context.Context //nolint:containedctx // it lives as long as one call
	writer *tar.Writer
	at     time.Time
	err    error
}

func (a *archive) file(name string, octets []byte, err error) {
	switch {
	case a.err != nil:
		return
	case err != nil:
		a.err = fmt.Errorf("export %s: %w", name, err)
		return
	case a.ctx.Err() != nil:
		a.err = a.ctx.Err()
		return
	}
	header := &tar.Header{Name: name, Mode: 0o644, Size: int64(len(octets)), ModTime: a.at.Truncate(time.Second), Format: tar.FormatPAX}
	if a.err = a.writer.WriteHeader(header); a.err == nil {
		_, a.err = a.writer.Write(octets)
	}
}

func (a *archive) value(name string, v any, err error) {
	if err != nil {
		a.file(name, nil, err)
		return
	}
	octets, err := json.MarshalIndent(v, "", "  ")
	a.file(name, append(octets, '\n'), err)
}

func (a *archive) close() error {
	if a.err != nil {
		return a.err
	}
	return a.writer.Close()
}
