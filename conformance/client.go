package conformance

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/store"
	"github.com/collaudo/collaudo/steps"
)

// askClient makes a run with a client ask for the rules that bind clients, and
// refuses to ask it for others.
func (o *Options) askClient(catalogue *rules.Catalogue) error {
	if o.Client == nil {
		return nil
	}
	if err := errors.Join(o.Client.Check(), o.Client.Found()); err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	binding := o.clientRules(catalogue)
	if len(o.Rules) == 0 {
		o.Rules = binding
		return nil
	}
	asked, err := expand(catalogue, o.Rules)
	if err != nil {
		return err
	}
	for _, id := range asked {
		if law, _ := catalogue.Rule(id); !bindsClients(law) {
			return fmt.Errorf("%w: %s binds providers, and the target is a client: leave it out, or leave --target out", ErrUsage, id)
		}
	}
	return nil
}

func (o *Options) clientRules(catalogue *rules.Catalogue) []string {
	var ids []string
	for _, law := range catalogue.Rules {
		if bindsClients(law) {
			ids = append(ids, law.ID)
		}
	}
	return ids
}

func bindsClients(law *rules.Rule) bool {
	for _, role := range law.Roles {
		if role == rules.RoleClient {
			return true
		}
	}
	return false
}

// bench is a client beside the world that it lives in; empty where providers are
// judged.
type bench struct{ *steps.ClientBench }

// bench gives the client a folder of its own, and what it is told of the world.
func (t *trial) bench(w *world) (bench, error) {
	if t.options.Client == nil {
		return bench{}, nil
	}
	dir, err := os.MkdirTemp("", "collaudo-client-")
	if err != nil {
		return bench{}, fmt.Errorf("make a folder for the client: %w", err)
	}
	return bench{&steps.ClientBench{Client: t.options.Client, Services: w.services, Host: "localhost", Dir: dir, Place: w.stores}}, nil
}

func (b bench) close() {
	if b.ClientBench != nil {
		_ = os.RemoveAll(b.Dir) // what matters of it is in evidence
	}
}

// servicesOf is where a client of the first provider reaches its mailbox, by the
// names that templates of client files use.
func servicesOf(d simulator.Description) map[string]string {
	hosts := d.Providers[0].Hosts
	return map[string]string{
		"submission_tls": hosts.SubmissionTLS, "submission_starttls": hosts.SubmissionSTARTTLS,
		"imap_tls": hosts.IMAP, "imap_starttls": hosts.IMAPSTARTTLS,
		"pop3_tls": hosts.POP3TLS, "pop3_starttls": hosts.POP3STARTTLS,
	}
}

// storeKeeper gives the hosts of a world their stores, and can put messages into
// their mailboxes past every check.
type storeKeeper struct {
	limit int64
	now   func() time.Time // legal time

	mu     sync.Mutex
	stores map[string]store.Store
}

func newStoreKeeper(limit int64) *storeKeeper {
	return &storeKeeper{limit: limit, stores: map[string]store.Store{}}
}

func (k *storeKeeper) of(host string) store.Store {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stores[host] == nil {
		k.stores[host] = store.NewMemory(k.limit)
	}
	return k.stores[host]
}

func (k *storeKeeper) with(mailbox string) (store.Store, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range k.stores {
		if s.HasMailbox(mailbox) {
			return s, nil
		}
	}
	return nil, errors.New("no host of the world has that mailbox")
}

// Place puts a message at the end of an INBOX.
func (k *storeKeeper) Place(mailbox string, octets []byte) error {
	s, err := k.with(mailbox)
	if err != nil {
		return err
	}
	_, err = s.Append(mailbox, store.Inbox, octets, store.Message{Received: k.now()}, true)
	return err
}

// Empty removes every message of an INBOX.
func (k *storeKeeper) Empty(mailbox string) error {
	s, err := k.with(mailbox)
	if err != nil {
		return err
	}
	folder, err := s.Folder(mailbox, store.Inbox)
	if err != nil {
		return err
	}
	var uids []uint32
	for _, m := range folder.Messages {
		uids = append(uids, m.UID)
	}
	return s.Expunge(mailbox, store.Inbox, uids)
}
