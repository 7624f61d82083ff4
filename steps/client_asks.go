package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// clientFetches tells the client to take what lies in its mailbox, once all that
// is on its way has arrived.
func (w *World) clientFetches(ctx context.Context) error {
	if err := w.Finish(ctx); err != nil {
		return err
	}
	if w.options.Client == nil {
		return errNoClient
	}
	run := &evidence.ClientRun{Action: evidence.ClientFetch}
	_, err := w.runClient(ctx, run, w.options.Client.Client.Fetch, nil)
	return err
}

// sendingOf finds what a question is about: the client's last message, or the
// first.
func (w *World) sendingOf(which string) (clientSent, error) {
	if len(w.clientSendings) == 0 {
		return clientSent{}, errors.New("the step speaks of a message of the client, but it has sent none")
	}
	if strings.Contains(which, "first") {
		return w.clientSendings[0], nil
	}
	return w.clientSendings[len(w.clientSendings)-1], nil
}

// expectConcluded asks the client what it concluded of a message and a
// recipient, and asks that it be one of some words.
func (w *World) expectConcluded(ctx context.Context, words, party, which string) error {
	sent, err := w.sendingOf(which)
	if err != nil {
		return err
	}
	recipient := sent.order.Recipients[0]
	if party != "" {
		one, err := w.target.person(Party(party))
		if err != nil {
			return err
		}
		recipient = one.address
	}
	if !slices.Contains(sent.order.Recipients, recipient) {
		return fmt.Errorf("the step asks about %s, to whom the client did not write", recipient)
	}
	parameters := map[string]string{"status": words, "sending": sent.run, "recipient": recipient}
	if w.options.Client.Client.Status != nil {
		if parameters["standing"], err = w.askStanding(ctx, sent, recipient); err != nil {
			return err
		}
	}
	return w.expect(checkClientConcludes, "", parameters)
}

// askStanding asks, and takes the answer and the world's truth into evidence.
func (w *World) askStanding(ctx context.Context, sent clientSent, recipient string) (string, error) {
	client := w.options.Client.Client
	run := &evidence.ClientRun{Action: evidence.ClientStatus, MessageID: sent.order.MessageID, Recipient: recipient}
	result, err := w.runClient(ctx, run, client.Status, map[string]string{"message_id": sent.order.MessageID, "recipient": recipient})
	if err != nil {
		return "", err
	}
	w.clientStandings++
	standing := &evidence.ClientStanding{
		ID: fmt.Sprintf("a%d", w.clientStandings), Run: run.ID, Sending: sent.run,
		MessageID: sent.order.MessageID, Recipient: recipient, Said: firstWords(result.output, "status"),
	}
	standing.Status = client.status(standing.Said)
	if err := w.recorder.Record(evidence.Event{Type: evidence.ClientConcluded, ClientStanding: standing}); err != nil {
		return "", err
	}
	truth := &evidence.ClientTruth{Standing: standing.ID, MessageID: sent.order.MessageID, Recipient: recipient}
	for _, p := range w.target.Providers {
		entries, err := w.journalOf(ctx, p.Name)
		if err != nil {
			return "", err
		}
		for _, e := range entries {
			if bareMessageID(e.MessageID) == bareMessageID(truth.MessageID) {
				truth.Entries = append(truth.Entries, e)
			}
		}
	}
	return standing.ID, w.recorder.Record(evidence.Event{Type: evidence.TruthTold, ClientTruth: truth})
}

// status is our word for what the client said; "" for what is no such word.
func (c *Client) status(said string) string {
	if status, known := c.Words[said]; known {
		return status
	}
	if len(c.Words) == 0 && slices.Contains(ClientStatuses(), said) {
		return said
	}
	return ""
}

// firstWords is the first line of what a client wrote, or that member of a JSON
// object.
func firstWords(output []byte, member string) string {
	var object map[string]any
	if json.Unmarshal(output, &object) == nil {
		if text, is := object[member].(string); is {
			return text
		}
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(output)), "\n")
	if line = strings.TrimSpace(line); len(line) > 200 {
		line = line[:200]
	}
	return strings.ToValidUTF8(line, "?")
}

// expectShown has the client show what Bruno wrote last.
func (w *World) expectShown(ctx context.Context) error {
	if w.clientReceived.order.MessageID == "" {
		return errors.New("the step speaks of what Bruno wrote, but he has written nothing to the client")
	}
	parameters := map[string]string{"subject": w.clientReceived.order.Subject, "text": w.clientReceived.order.Text}
	if show := w.options.Client.Client.Show; show != nil {
		run := &evidence.ClientRun{Action: evidence.ClientShow, MessageID: w.clientReceived.order.MessageID}
		if _, err := w.runClient(ctx, run, show, map[string]string{"message_id": run.MessageID}); err != nil {
			return err
		}
		parameters["run"] = run.ID
	}
	return w.expect(checkClientShows, "", parameters)
}

// expectClient asks for something about all that the client did.
func (w *World) expectClient(check string) func(context.Context) error {
	return func(ctx context.Context) error {
		return w.settledThen(ctx, func() error { return w.expect(check, "", nil) })
	}
}
