package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Some messages that belong to a test say so in their body only: what a mail
// host sends back when it cannot deliver encloses the message, and names it in
// no header field. Whether a body holds a word of the harness is asked of the
// server, so that nothing is read that belongs to others.

// tokenMark is how every word begins that the harness puts into its messages.
const tokenMark = "COL-"

// tokens are the words that the scenario put into its messages.
func (w *World) tokens() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, word := range w.words {
		if len(word) == tokenLength && strings.Trim(word, tokenLetters) == "" {
			all = append(all, tokenMark+word)
		}
	}
	return all
}

// searchBodies has the server look for the words in messages whose heads say
// nothing, once for each word and look, and notes what was found in their heads.
func (p *postbox) searchBodies(ctx context.Context, words []string) error {
	for _, word := range words {
		var silent imap.UIDSet
		var asked []int
		for i, h := range p.heads {
			if !h.taken && !strings.Contains(h.text, tokenMark) && !slices.Contains(h.asked, word) {
				silent.AddNum(h.uid)
				asked = append(asked, i)
			}
		}
		if len(asked) == 0 {
			continue
		}
		holding, err := p.holding(ctx, silent, word)
		if err != nil {
			return err
		}
		for _, i := range asked {
			p.heads[i].asked = append(p.heads[i].asked, word)
			if slices.Contains(holding, p.heads[i].uid) {
				p.heads[i].text += word + "\n"
			}
		}
	}
	return nil
}

// forgetAsked has the server be asked again: a "no" may be that of an index that
// lags behind the mailbox.
func (p *postbox) forgetAsked() {
	for i := range p.heads {
		if !p.heads[i].taken {
			p.heads[i].asked = nil
		}
	}
}

func (p *postbox) holding(ctx context.Context, among imap.UIDSet, word string) ([]imap.UID, error) {
	client, err := p.connected(ctx)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	defer stop()
	found, err := client.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{among}, Body: []string{word}}, nil).Wait()
	if err != nil {
		p.hangUp()
		return nil, errors.Join(ctx.Err(), fmt.Errorf("search for what was sent back: %w", err))
	}
	return found.AllUIDs(), nil
}
