package rules

import (
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// relayJudges answers for the envelope's way to the next provider, which only
// the SMTP transactions between the providers show.
func relayJudges() []Judge {
	needs := []Need{NeedRelay}
	return []Judge{
		{Rule: "PEC-TE-016", Looks: "MAIL FROM and RCPT TO of the relayed envelope: those of the submission", Needs: needs, Look: routingUnaltered},
		{Rule: "PEC-TE-019", Looks: "relayed envelopes to other providers: TLS", Needs: needs, Look: relayProtected},
		{Rule: "PEC-TE-021", Looks: "envelopes that a relay attempt did not deliver at first: retried, acceptance kept", Needs: needs, Look: relayRetried},
	}
}

// relayed returns the exchanges that carried an envelope of the transaction,
// told by the octets.
func relayed(v *View, t *Transaction) []evidence.RelayExchange {
	carried := map[string]bool{}
	for _, e := range envelopesOf(t) {
		if !e.Wrapped {
			carried[e.Blob] = true
		}
	}
	var all []evidence.RelayExchange
	for _, x := range v.Case.Relay {
		if carried[x.SHA256] && x.From == t.Host {
			all = append(all, x)
		}
	}
	return all
}

func routingUnaltered(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		exchanges := relayed(v, t)
		wrong, reached := false, []string(nil)
		for _, x := range exchanges {
			where := t.Where("relay to " + x.To)
			if !pec.SameAddress(pec.BareAddress(x.ReversePath), t.sender()) {
				wrong = true
				f.Broken(where, "MAIL FROM:<"+t.sender()+">, the original sender", "MAIL FROM:<"+x.ReversePath+">")
			}
			for _, r := range x.Recipients {
				reached = append(reached, r)
				if !holdsAddress(t.recipients(), r) {
					wrong = true
					f.Broken(where, "RCPT TO among "+shownList(t.recipients()), "RCPT TO:<"+r+">")
				}
			}
		}
		for _, e := range envelopesOf(t) {
			if p := v.Case.ProviderOf(e.Mailbox); len(exchanges) > 0 && !e.Wrapped && (p == nil || p.Name != t.Host) && !holdsAddress(reached, e.Mailbox) {
				wrong = true
				f.Broken(e.Where("relay"), "RCPT TO:<"+e.Mailbox+">, where the envelope lies", "RCPT TO "+shownList(reached))
			}
		}
		if len(exchanges) > 0 && !wrong {
			f.Holds(t.Where("relay"), fmt.Sprintf("MAIL FROM:<%s>, RCPT TO %s", t.sender(), shownList(distinct(reached))))
		}
	}
}

func relayProtected(v *View, f *Findings) {
	providers := map[string]bool{}
	for _, p := range v.Case.World.Providers {
		providers[p.Name] = true
	}
	for _, t := range accessSubmissions(v) {
		for _, x := range relayed(v, t) {
			switch {
			case !providers[x.To]: // an ordinary host may not offer TLS
			case x.TLS:
				f.Holds(t.Where("relay to "+x.To), "STARTTLS")
			default:
				f.Broken(t.Where("relay to "+x.To), "STARTTLS before the envelope", "the envelope went in clear text")
			}
		}
	}
}

// relayRetried: a first attempt that failed for a while withdraws nothing.
func relayRetried(v *View, f *Findings) {
	for _, t := range accessSubmissions(v) {
		attempts := map[string][]evidence.RelayExchange{}
		for _, x := range relayed(v, t) {
			key := x.To + " " + strings.Join(x.Recipients, " ")
			attempts[key] = append(attempts[key], x)
		}
		for _, list := range attempts {
			failed := list[0].Code == 0 || list[0].Code >= 400 && list[0].Code < 500
			if !failed {
				continue
			}
			where := t.Where("relay to " + list[0].To)
			expected := "the acceptance kept and the envelope sent again"
			last := list[len(list)-1]
			switch notices := t.OfKind(pec.NonAcceptance); {
			case len(notices) > 0:
				f.Broken(where, expected, counted(len(notices), "notice of non-acceptance", notices))
			case last.Code >= 200 && last.Code < 300:
				f.Holds(where, fmt.Sprintf("%s, the last one answered %d", plural(len(list), "attempt"), last.Code))
			case len(list) == 1 && v.Case.Settled:
				f.Broken(where, expected, "a single attempt")
			}
		}
	}
}
