package steps

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/fixtures"
)

// What the steps that speak of it lack of a target, each in words as Lacks gives
// them.

// lacksDoor says that a party has no door to send through.
func (t *Target) lacksDoor(party string) []string {
	one, err := t.person(Party(party))
	if err != nil || one.mailbox == nil {
		return []string{lackOfParty(Party(party))}
	}
	if one.mailbox.Role == evidence.OrdinaryMailbox {
		if t.Ordinary.Name == "" {
			return []string{"role ordinary"}
		}
		return nil // the recipient's incoming point is looked at with the original
	}
	if p := t.provider(one.mailbox.Provider); p == nil || p.SubmissionTLS == "" {
		return []string{fmt.Sprintf("submission over TLS at %s's provider", party)}
	}
	return nil
}

var manyWays = regexp.MustCompile(`, (over STARTTLS|in clear text)$`)

// lacksOriginal says what a message that a user sends needs.
func (t *Target) lacksOriginal(text string) []string {
	var all lacks
	if strings.Contains(text, "a virus that only Bruno's provider knows") {
		bruno, err := t.providerOf(Bruno)
		if err != nil || !slices.ContainsFunc(t.Patterns, func(p Pattern) bool { return len(p.KnownTo) == 1 && p.KnownTo[0] == bruno.Name }) {
			all.add("test pattern that only Bruno's provider knows")
		}
	}
	if strings.Contains(text, "above the size limit") && t.Limits.MaxTotalBytes == 0 && t.Limits.NoticeBytes == 0 {
		all.add("limits: maxTotalBytes")
	}
	if manyWays.MatchString(text) {
		anna, err := t.providerOf(Anna)
		if err != nil || anna.SubmissionSTARTTLS == "" {
			all.add("submission over STARTTLS at Anna's provider")
		}
	}
	return all.list
}

// lacksReading says that nobody can read what a party receives.
func (t *Target) lacksReading(party string) []string {
	one, err := t.person(Party(party))
	if err != nil || one.mailbox == nil {
		return nil // at a peer, or nobody's; a party that is missing is told by itself
	}
	if address, _ := t.imapOf(one.mailbox); address == "" {
		return []string{fmt.Sprintf("IMAP for the mailbox of %s", party)}
	}
	return nil
}

// lacksService says that a service is not there to be asked.
func (t *Target) lacksService(text string) []string {
	words, party, _ := strings.Cut(text, " at ")
	p, err := t.providerOf(Party(strings.TrimSuffix(party, "'s provider")))
	i := slices.IndexFunc(probes(), func(p probe) bool { return p.words == words })
	if err != nil || i < 0 {
		return nil // said by the party
	}
	address := map[string]string{
		"submission": p.SubmissionTLS, "incoming": p.Incoming, "imap": p.IMAP,
	}[probes()[i].service]
	if words == "to sign in without TLS" {
		address = p.SubmissionSTARTTLS
	}
	if address == "" {
		return []string{fmt.Sprintf("%s at %s", probes()[i].service, party)}
	}
	return nil
}

// lacksIncoming says that the incoming point of a party's provider is not there.
func (t *Target) lacksIncoming(list string) []string {
	for _, name := range oneParty.FindAllString(list, -1) {
		if strings.HasSuffix(name, "unknown mailboxes") {
			name = string(Bruno)
		}
		one, err := t.person(Party(name))
		if err != nil {
			continue // said by the party
		}
		if p, err := t.receiving(one.address); err != nil || p.Incoming == "" {
			return []string{fmt.Sprintf("incoming point of the provider of %s", name)}
		}
	}
	return nil
}

// lacksSigner says that a message of a peer is to be signed with something that
// the target file does not give.
func (t *Target) lacksSigner(text string) []string {
	actor, _, _ := strings.Cut(text, "'s provider")
	peer, _ := t.peerUser(actor)
	if peer == nil {
		return []string{"role peer: " + actor}
	}
	all, err := fixtures.Damages()
	if err != nil {
		return nil // the step says so itself
	}
	for _, d := range all {
		if d.Phrase == "" || d.Signer == "" || !strings.Contains(text, " "+d.Phrase) {
			continue
		}
		if d.Signer == "other" {
			if len(t.Peers) < 2 {
				return []string{"role peer: a second provider"}
			}
			continue
		}
		if _, err := peer.signer(d.Signer); err != nil {
			return []string{"role peer: signer " + d.Signer}
		}
	}
	return nil
}
