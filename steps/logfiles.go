package steps

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// logFileAnswer is one saved file of a provider's log, as the adapter says it.
type logFileAnswer struct {
	Provider string    `json:"provider"`
	Name     string    `json:"name"`
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
	Octets   []byte    `json:"octets"` // base64 in JSON
	Stamp    []byte    `json:"stamp"`  // DER of the RFC 3161 token; empty: none
}

// logExtractAnswer is what a provider hands to a holder who asks for a trace.
type logExtractAnswer struct {
	Provider  string                  `json:"provider"`
	Address   string                  `json:"address"`
	MessageID string                  `json:"messageId"`
	Entries   []evidence.JournalEntry `json:"entries"`
	Octets    []byte                  `json:"octets"`
}

// noteSent remembers what later steps mean by "the sending" and "the message".
func (w *World) noteSent(ended time.Time, account, provider string, octets []byte) {
	last := sentLast{ended: ended, account: account, provider: provider}
	if entity, err := rawmime.Parse(octets, rawmime.Limits{}); err == nil {
		last.messageID = strings.TrimSpace(entity.Value("Message-ID"))
	}
	w.mu.Lock()
	w.lastSent = last
	w.mu.Unlock()
}

// readLogFiles takes every saved file of a provider's log into evidence, those
// of an earlier reading included: they are there to be compared.
func (w *World) readLogFiles(ctx context.Context, party string) error {
	provider, err := w.target.providerOf(Party(party))
	if err != nil {
		return err
	}
	if err := w.settleFully(ctx); err != nil {
		return err
	}
	var answer []logFileAnswer
	err = w.ask(ctx, "/v1/log/files", url.Values{"provider": {provider.Name}}, &answer)
	if errors.Is(err, errNotOffered) {
		return nil // what is not read is missing from the view, and judges say so
	}
	if err != nil {
		return err
	}
	files := make([]evidence.LogFile, 0, len(answer))
	for _, f := range answer {
		file := evidence.LogFile{Provider: provider.Name, Name: f.Name, From: f.From.UTC(), Until: f.Until.UTC()}
		if file.Blob, err = w.recorder.Keep(evidence.TrustBlob, f.Octets, false); err != nil {
			return err
		}
		if len(f.Stamp) > 0 {
			if file.Stamp, err = w.recorder.Keep(evidence.TrustBlob, f.Stamp, false); err != nil {
				return err
			}
		}
		files = append(files, file)
	}
	return w.recorder.Record(evidence.Event{Type: evidence.LogFilesRead, LogFiles: files})
}

// askForTrace has a holder ask the own provider for what the log says about
// the last message, as somebody would whose receipts are lost: by the
// identifier that the client wrote.
func (w *World) askForTrace(ctx context.Context, party string) error {
	provider, err := w.target.providerOf(Party(party))
	if err != nil {
		return err
	}
	holder, err := w.target.person(Party(party))
	if err != nil {
		return err
	}
	w.mu.Lock()
	last := w.lastSent
	w.mu.Unlock()
	if last.messageID == "" {
		return errors.New("the step speaks of a message, but none with a Message-ID has been sent in this scenario")
	}
	if err := w.settleFully(ctx); err != nil {
		return err
	}
	var answer logExtractAnswer
	err = w.ask(ctx, "/v1/log/extract", url.Values{
		"provider": {provider.Name}, "address": {holder.address}, "messageId": {last.messageID},
	}, &answer)
	if errors.Is(err, errNotOffered) {
		return nil
	}
	if err != nil {
		return err
	}
	if answer.MessageID != "" && answer.MessageID != last.messageID {
		return fmt.Errorf("the adapter was asked for the trace of %s and answered about %s", last.messageID, answer.MessageID)
	}
	extract := &evidence.LogExtract{
		Provider: provider.Name, Address: holder.address, MessageID: last.messageID, Entries: answer.Entries,
	}
	for i := range extract.Entries {
		extract.Entries[i].Provider = provider.Name
	}
	if extract.Blob, err = w.recorder.Keep(evidence.TrustBlob, answer.Octets, false); err != nil {
		return err
	}
	return w.recorder.Record(evidence.Event{Type: evidence.LogExtractRead, LogExtract: extract})
}
