package steps

import (
	"bytes"
	"context"
	"net/url"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// Lists of the white box speak of everything that a provider does. On a target
// whose scenarios share it, what stood in them before the scenario began is not
// its own, and what others do meanwhile is not to be kept: see skipInside and
// concerns. While a scenario goes on, none of the others does: see Alone.

// Where the white box has its lists.
const (
	pathJournal    = "/v1/journal"
	pathQuarantine = "/v1/quarantine"
	pathSessions   = "/v1/sessions"
)

// insideLists are the lists of the white box, by the name under which rest knows
// how far they have been read.
func (w *World) insideLists() map[string]question {
	lists := map[string]question{}
	for _, p := range w.target.Providers {
		query := url.Values{"provider": {p.Name}}
		lists["journal of "+p.Name] = question{path: pathJournal, query: query}
		lists["quarantine of "+p.Name] = question{path: pathQuarantine, query: query}
		lists["relay of "+p.Name] = question{path: pathSessions, query: query}
	}
	if name := w.target.Ordinary.Name; name != "" {
		lists["relay of "+name] = question{path: pathSessions, query: url.Values{"provider": {name}}}
	}
	return lists
}

// skipInside passes over what the lists of the white box hold already.
func (w *World) skipInside(ctx context.Context) error {
	if w.options.Mailroom == nil || !w.target.WhiteBox.given() {
		return nil
	}
	for list, q := range w.insideLists() {
		var err error
		switch {
		case strings.HasPrefix(list, "journal"):
			err = skipList[evidence.JournalEntry](ctx, w, list, q)
		case strings.HasPrefix(list, "quarantine"):
			err = skipList[quarantineAnswer](ctx, w, list, q)
		default:
			err = skipList[evidence.RelayExchange](ctx, w, list, q)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func skipList[T any](ctx context.Context, w *World, list string, q question) error {
	var all []T
	if err := w.ask(ctx, q.path, q.query, &all); err != nil {
		return offered(err)
	}
	rest(w, list, all)
	return nil
}

// concerns tells that one of these addresses is of the target file: a mailbox,
// a service address, a domain of a peer, or one that the harness made up. An entry
// without any address is of the provider itself.
func (w *World) concerns(addresses ...string) bool {
	named := false
	for _, a := range addresses {
		if a = strings.ToLower(strings.Trim(a, "<> ")); a == "" {
			continue
		}
		named = true
		if w.target.peerAt(a) != nil || w.target.names(a) {
			return true
		}
	}
	return !named || w.options.Mailroom == nil
}

// names tells that an address stands in the target file, or is one that nobody
// has.
func (t *Target) names(address string) bool {
	for _, m := range t.Mailboxes {
		if strings.EqualFold(m.Address, address) {
			return true
		}
	}
	for _, p := range t.Providers {
		if strings.EqualFold(p.ServiceAddress, address) || strings.EqualFold(p.ServiceMailbox, address) {
			return true
		}
	}
	return strings.HasPrefix(address, t.nobody())
}

// concernsOctets is concerns of a message that was kept back.
func (w *World) concernsOctets(octets []byte) bool {
	if w.options.Mailroom == nil {
		return true
	}
	head, _, _ := bytes.Cut(octets[:min(len(octets), maxHeadSize)], []byte("\r\n\r\n"))
	return w.belongs(headText(head))
}

// only leaves the entries that concern the scenario.
func only[T any](all []T, concerns func(T) bool) []T {
	var kept []T
	for _, one := range all {
		if concerns(one) {
			kept = append(kept, one)
		}
	}
	return kept
}
