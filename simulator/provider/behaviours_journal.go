package provider

import (
	"bytes"
	"slices"
	"time"

	"github.com/collaudo/collaudo/simulator/journal"
)

// The named behaviours of the legal log.

// keeping says for how long, how often and under what time stamp the log is
// kept.
func (p *Provider) keeping(o journal.Options) journal.Options {
	if p.c.Faults.On("journal-29-months") {
		o.Months = 29
	}
	if p.c.Faults.On("journal-saved-weekly") {
		o.Every = 7 * 24 * time.Hour
	}
	stamp := o.Stamp
	o.Saving = func(f *journal.File) bool {
		switch {
		case p.c.Faults.On("journal-file-missing"):
			return f.From.YearDay()%2 == 0
		case p.c.Faults.On("journal-file-late"):
			f.From = f.From.Add(time.Hour)
		case p.c.Faults.On("journal-without-stamp"):
			f.Stamp = nil
		case p.c.Faults.On("journal-stamp-of-another-file") && stamp != nil:
			f.Stamp, _ = stamp(append([]byte("altro\n"), f.Octets...), f.Until)
		case p.c.Faults.On("journal-stamp-of-another-day") && stamp != nil:
			f.Stamp, _ = stamp(f.Octets, f.Until.AddDate(0, 0, -30))
		}
		return true
	}
	return o
}

// written are the lines that are written of an operation: one, as it is.
func (p *Provider) written(e journal.Entry) []journal.Entry {
	leaves := func(behaviour string, events ...string) bool {
		return slices.Contains(events, e.Event) && p.c.Faults.On(behaviour)
	}
	switch {
	case leaves("journal-without-anomalies", journal.Anomaly),
		leaves("journal-without-deliveries", journal.Delivery),
		leaves("journal-without-failures", journal.NonDelivery, journal.Delay, journal.Virus),
		leaves("journal-without-arrivals", journal.ReceiptArrived, journal.Stored):
		return nil
	}
	if p.c.Faults.On("journal-without-subject") {
		e.Subject = ""
	}
	if p.c.Faults.On("journal-minute-later") {
		e.At = e.At.Add(time.Minute)
	}
	if p.c.Faults.On("journal-one-type") {
		e.Event = "message"
	}
	return []journal.Entry{e}
}

// read are the lines that the log shows: those written.
func (p *Provider) read(entries []journal.Entry) []journal.Entry {
	if !p.c.Faults.On("journal-rewritten") {
		return entries
	}
	old := p.now().Add(-24 * time.Hour)
	for i := range entries {
		if entries[i].At.Before(old) {
			entries[i].Subject, entries[i].Detail = "", ""
		}
	}
	return entries
}

// shown are the saved files that the log shows: those saved, as they are.
func (p *Provider) shown(files []journal.File) []journal.File {
	if !p.c.Faults.On("saved-journal-rewritten") {
		return files
	}
	old := p.now().Add(-3 * 24 * time.Hour)
	for i, f := range files {
		if f.Until.Before(old) {
			files[i].Octets = bytes.ReplaceAll(f.Octets, []byte("subject"), []byte("removed"))
		}
	}
	return files
}

// extracted are the lines that a holder is shown: those about the message in
// which the holder has a part.
func (p *Provider) extracted(entries []journal.Entry, address, messageID string) []journal.Entry {
	switch {
	case p.c.Faults.On("extract-empty"):
		return nil
	case p.c.Faults.On("extract-of-everybody"):
		return entries
	}
	own := journal.Extract(entries, address, messageID)
	if p.c.Faults.On("extract-without-receipts") {
		own = slices.DeleteFunc(own, func(e journal.Entry) bool {
			return e.Event == journal.ReceiptArrived || e.Event == journal.Delivery || e.Event == journal.NonDelivery
		})
	}
	return own
}
