package reports

import (
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/rules"
)

// sighting is one place where a message was seen.
type sighting struct {
	Scenario string // id
	ID       string // "s1", "d2", "m3"; "" where it has none
	Attempt  int    // at the scenario, that was given up; 0: the one that counts
	How      string // key of the words, below "message.seen."
	Who      string // who sent it, or in whose mailbox it was found
	Whom     string // who it was given to
	Answer   string // what the server said last
	When     time.Time
	Dialogue string // hash of the transcript

	size  int64
	trust *evidence.Case // whose trust data were in force
}

// How a message was seen.
const (
	seenSubmitted  = "submitted"
	seenRelayed    = "relayed"
	seenDispatched = "dispatched"
	seenMailbox    = "mailbox"
	seenTakenIn    = "taken-in"
	seenQuarantine = "quarantine"
	seenPlaced     = "placed"
)

// sightings lists by hash where each message of a run was seen, in the order of
// the evidence.
func sightings(record *evidence.Record) map[string][]sighting {
	found := map[string][]sighting{}
	for _, c := range record.Cases {
		for i, earlier := range c.Earlier {
			sightingsIn(found, earlier, c.Start.ID, i+1)
		}
		sightingsIn(found, c, c.Start.ID, 0)
	}
	return found
}

func sightingsIn(found map[string][]sighting, c *evidence.Case, scenario string, attempt int) {
	add := func(hash string, s sighting) {
		if hash == "" {
			return
		}
		s.Scenario, s.Attempt, s.trust = scenario, attempt, c
		found[hash] = append(found[hash], s)
	}
	for _, s := range c.Submissions {
		how := seenSubmitted
		if s.Channel == evidence.IncomingPoint {
			how = seenRelayed
		}
		add(s.Blob, sighting{ID: s.ID, How: how, Who: s.Actor, Whom: s.Host, When: s.Started, Dialogue: s.Transcript, size: s.Size, Answer: lastReply(s.MailReply, s.Recipients, s.DataReply)})
	}
	for _, d := range c.Dispatches {
		add(d.Blob, sighting{ID: d.ID, How: seenDispatched, Who: d.Peer, Whom: d.Host, When: d.Started, Dialogue: d.Transcript, size: d.Size, Answer: lastReply(d.MailReply, d.Recipients, d.DataReply)})
	}
	for _, p := range c.ClientPlacings {
		add(p.Blob, sighting{How: seenPlaced, Who: p.Mailbox})
	}
	for _, m := range c.Messages {
		how := seenMailbox
		if m.Via == "smtp" {
			how = seenTakenIn
		}
		add(m.Blob, sighting{ID: m.ID, How: how, Who: m.Mailbox, When: m.Delivered, size: m.Size})
	}
	stored := map[evidence.Quarantined]bool{} // the store is read more than once
	for _, q := range c.Quarantine {
		if !stored[q] {
			add(q.Blob, sighting{How: seenQuarantine, Who: q.Provider, Answer: q.Found, When: q.At})
		}
		stored[q] = true
	}
}

// lastReply is what the server said last: the first refusal, or the reply to
// the message.
func lastReply(mail evidence.Reply, recipients []evidence.RecipientReply, data evidence.Reply) string {
	last := data
	if mail.Code != 0 && !mail.OK() {
		last = mail
	} else if data.Code == 0 {
		for _, r := range recipients {
			if r.Reply.Code != 0 && !r.Reply.OK() {
				last = r.Reply
				break
			}
		}
	}
	if last.Code == 0 {
		return ""
	}
	return strings.TrimSpace(plainNumber(last.Code) + " " + last.Enhanced)
}

// messageCheck is a check about a message that was worse than a pass, or
// forgiven.
type messageCheck struct {
	rules.Check
	Standing standing
	EN, IT   string // title of the rule
}

// keptHere is the rules of which a scenario names the message as one that keeps
// them.
type keptHere struct {
	Scenario string
	Rules    []string
}

// checksOf finds the checks about each message.
type checksOf struct {
	worse map[string][]messageCheck
	kept  map[string][]keptHere
}

// newChecksOf sorts the checks of a run by the message that they name.
func newChecksOf(result *rules.Result, catalogue *rules.Catalogue, seen map[string][]sighting) *checksOf {
	type place struct {
		scenario, id string
		attempt      int
	}
	hashes := map[place]string{}
	for hash, list := range seen {
		for _, s := range list {
			if s.ID != "" {
				hashes[place{s.Scenario, s.ID, s.Attempt}] = hash
			}
		}
	}
	list := &checksOf{worse: map[string][]messageCheck{}, kept: map[string][]keptHere{}}
	laws := map[string]*rules.Rule{}
	for _, law := range catalogue.Rules {
		laws[law.ID] = law
	}
	for i := range result.Rules {
		for _, c := range result.Rules[i].Checks {
			hash := c.Where.Blob
			for _, id := range []string{c.Where.Message, c.Where.Submission} {
				if hash == "" && id != "" {
					hash = hashes[place{c.Scenario, id, c.Where.Attempt}]
				}
			}
			if hash != "" {
				list.add(hash, c, laws[c.Rule])
			}
		}
	}
	return list
}

func (l *checksOf) add(hash string, c rules.Check, law *rules.Rule) {
	if c.Verdict.Worse(rules.Pass) || c.Because != "" {
		check := messageCheck{Check: c, Standing: checkStanding(c), EN: c.Rule}
		if law != nil {
			check.EN, check.IT = law.Title.EN, law.Title.IT
		}
		check.Seen, check.Expected = value(c.Seen), value(c.Expected)
		l.worse[hash] = append(l.worse[hash], check)
		return
	}
	kept := l.kept[hash]
	for i := range kept {
		if kept[i].Scenario != c.Scenario {
			continue
		}
		if last := len(kept[i].Rules) - 1; kept[i].Rules[last] != c.Rule {
			kept[i].Rules = append(kept[i].Rules, c.Rule)
		}
		return
	}
	l.kept[hash] = append(kept, keptHere{c.Scenario, []string{c.Rule}})
}
