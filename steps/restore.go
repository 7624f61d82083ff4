package steps

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// Restore prepares a scenario that waits, from its evidence, so that it goes on
// at the step at which it was suspended. The target must be the same one, and
// have passed Check. What is to be carried out are the steps from Waiting.Step.
func Restore(target *Target, recorder *evidence.Scenario, options Options, c *evidence.Case) (*World, error) {
	if c.Suspension == nil {
		return nil, fmt.Errorf("the scenario %s does not wait: there is nothing to go on with", c.Start.ID)
	}
	w := New(target, recorder, options)
	w.restored, w.suspension, w.settled = true, c.Suspension, true
	for _, part := range []func(*evidence.Case) error{w.restoreSubmissions, w.restoreDispatches, w.restoreIntakes, w.restoreReading, w.restoreNetwork} {
		if err := part(c); err != nil {
			return nil, fmt.Errorf("take up the scenario %s from its evidence: %w", c.Start.ID, err)
		}
	}
	return w, nil
}

// beforeFirst counts steps from the first of those that are carried out now.
func (w *World) beforeFirst() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.step = -1
	if w.suspension != nil {
		w.step = w.suspension.Waiting.Step - 1
	}
}

// standing is where the scenario stands when it begins to wait.
func (w *World) standing(waiting evidence.Waiting) (*evidence.Suspension, error) {
	s := &evidence.Suspension{Waiting: waiting, Since: w.now().UTC()}
	for _, certificate := range w.revoked {
		blob, err := w.recorder.Keep(evidence.TrustBlob, []byte(certificate), false)
		if err != nil {
			return nil, err
		}
		s.Revoked = append(s.Revoked, blob)
	}
	for _, name := range slices.Sorted(maps.Keys(w.peers)) {
		p := w.peers[name]
		p.mu.Lock()
		s.Peers = append(s.Peers, evidence.PeerManner{Peer: name, Manner: p.manner})
		p.mu.Unlock()
	}
	var begins map[string]MailboxMark
	if w.options.Mailroom != nil {
		begins = w.options.Mailroom.Begins()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s.Latest, s.Asked, s.Reading = w.latest, w.lastProbe, w.lastReading
	s.Sent = evidence.LastSent{Ended: w.lastSent.ended, Account: w.lastSent.account, Provider: w.lastSent.provider, MessageID: w.lastSent.messageID}
	if w.lastDispatch != nil {
		s.Last = w.lastDispatch.record.ID
	}
	for i := range w.target.Mailboxes {
		box := w.target.Mailboxes[i].Address
		mark, shared := begins[box]
		if len(w.fetched[box]) > 0 || shared {
			s.Read = append(s.Read, evidence.MailboxMark{
				Mailbox: box, Messages: slices.Sorted(maps.Keys(w.fetched[box])), Validity: mark.Validity, Next: mark.Next,
			})
		}
	}
	for _, list := range slices.Sorted(maps.Keys(w.read)) {
		s.Lists = append(s.Lists, evidence.ListRead{List: list, Count: w.read[list].count, Last: hex.EncodeToString([]byte(w.read[list].last))})
	}
	for _, box := range slices.Sorted(maps.Keys(w.shut)) {
		if w.shut[box] {
			s.Shut = append(s.Shut, box)
		}
	}
	return s, nil
}

func (w *World) restoreSubmissions(c *evidence.Case) error {
	s := c.Suspension
	w.latest, w.lastProbe, w.lastReading, w.readings = s.Latest, s.Asked, s.Reading, len(c.DirectoryReads)
	w.lastSent = sentLast{ended: s.Sent.Ended, account: s.Sent.Account, provider: s.Sent.Provider, messageID: s.Sent.MessageID}
	w.handed = c.Submissions
	for _, one := range c.Submissions {
		w.submissions = max(w.submissions, numberOf(one.ID))
		w.sent = append(w.sent, sentToken{one.ID, one.Token})
		w.addWord(one.Token)
		w.needles = append(w.needles, w.plantedIn(one.Infected)...)
	}
	for _, e := range c.Expectations {
		w.expectations = max(w.expectations, numberOf(e.ID))
	}
	for _, blob := range s.Revoked {
		certificate, err := c.Blob(blob)
		if err != nil {
			return err
		}
		w.revoked = append(w.revoked, string(certificate))
	}
	return nil
}

// plantedIn finds the texts by which what was planted is known, by its name.
func (w *World) plantedIn(name string) [][]byte {
	if name == "" {
		return nil
	}
	for _, p := range w.target.Patterns {
		if p.Name == name {
			return needles([]byte(p.Octets))
		}
	}
	return needles(eicar())
}

func (w *World) restoreDispatches(c *evidence.Case) error {
	for _, one := range c.Dispatches {
		w.dispatches = max(w.dispatches, numberOf(one.ID))
		w.addWord(one.Token)
		octets, err := c.Blob(one.Blob)
		if err != nil {
			return err
		}
		entity, err := rawmime.Parse(octets, rawmime.Limits{})
		if err != nil {
			return fmt.Errorf("dispatch %s: %w", one.ID, err)
		}
		d := &dispatching{record: one, octets: octets, from: entity.Value("From"), infected: one.Infected != "", provider: w.target.provider(one.Host), hello: w.target.hostName()}
		if d.provider == nil {
			return fmt.Errorf("dispatch %s went to %s, which the target does not name", one.ID, one.Host)
		}
		if peer := w.target.peer(one.Peer); peer != nil {
			d.hello = domainOf(peer.ServiceAddress)
		}
		for _, r := range one.Recipients {
			d.envelope = append(d.envelope, r.Address)
		}
		if one.Again == "" {
			w.own = append(w.own, ownMessage{id: one.ID, messageID: one.MessageID, from: d.from, intent: one.Intent})
		}
		w.needles = append(w.needles, w.plantedIn(one.Infected)...)
		if one.ID == c.Suspension.Last {
			w.lastDispatch = d
		}
	}
	return nil
}

// restoreIntakes finds the envelopes again that peers have taken in: receipts
// are still to be written about them.
func (w *World) restoreIntakes(c *evidence.Case) error {
	w.taken = map[string][]*takenIn{}
	for _, one := range c.Intakes {
		if one.SHA256 == "" || one.Code < 200 || one.Code > 299 {
			continue
		}
		octets, err := c.Blob(one.SHA256)
		if err != nil {
			return err
		}
		if message, err := pec.Read(octets); err == nil && message.Kind == pec.TransportEnvelope {
			w.taken[one.Peer] = append(w.taken[one.Peer], &takenIn{message, one.Recipients})
		}
	}
	return nil
}

func (w *World) restoreReading(c *evidence.Case) error {
	for _, m := range c.Messages {
		w.messages = max(w.messages, numberOf(m.ID))
		octets, err := c.Blob(m.Blob)
		if err != nil {
			return err
		}
		w.learn(m.Mailbox, octets)
	}
	for _, box := range c.Suspension.Read {
		known := map[string]bool{}
		for _, key := range box.Messages {
			known[key] = true
		}
		w.fetched[box.Mailbox] = known
	}
	for _, list := range c.Suspension.Lists {
		last, err := hex.DecodeString(list.Last)
		if err != nil {
			return fmt.Errorf("how far %s was read: %w", list.List, err)
		}
		w.read[list.List] = listRead{count: list.Count, last: string(last)}
	}
	for _, life := range c.MailboxLives {
		if w.lives == nil {
			w.lives, w.shut = map[string]evidence.MailboxLife{}, map[string]bool{}
		}
		w.lives[life.Mailbox] = life
	}
	for _, box := range c.Suspension.Shut {
		w.shut[box] = true
	}
	return nil
}

// restorePeers has the peers behave as they did, and know what they took in.
func (w *World) restorePeers() error {
	for _, was := range w.suspension.Peers {
		p := w.peers[was.Peer]
		if p == nil {
			return fmt.Errorf("the scenario plays %s, which the target no longer names under `peers`", was.Peer)
		}
		p.setManner(was.Manner)
		p.mu.Lock()
		p.taken = w.taken[was.Peer]
		p.mu.Unlock()
	}
	return nil
}

// numberOf is the number in an id of this harness: 7 in "m7".
func numberOf(id string) int {
	n, err := strconv.Atoi(strings.TrimLeft(id, "abcdefghijklmnopqrstuvwxyz"))
	if err != nil {
		return 0
	}
	return n
}
