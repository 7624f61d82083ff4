package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// malformed is an envelope of the peer to Bruno that no provider may believe,
// and what came of it.
func malformed(acts ...act) func(*testCase) {
	return func(c *testCase) {
		withCirro(c)
		m := correct("envelope").with(c.t, "posta-certificata@gestore.aurora.example", cirroAddress)
		m.Signer = cirroSigner()
		raw := strings.Replace(string(m.sealed(c.t)), "Buongiorno", "buongiorno", 1)
		d := c.dispatched([]byte(raw), "", 0)
		d.About, d.Token, d.Host = "", "7f3a", borea
		d.Recipients = []evidence.RecipientReply{{Address: bruno, Reply: evidence.Reply{Code: 250}}}
		for _, a := range acts {
			a(c.t, c)
		}
		c.settled()
	}
}

func anomalyTo(mailbox string) act {
	return func(t *testing.T, c *testCase) {
		t.Helper()
		m := correct("anomaly")
		m.Mailbox = mailbox
		c.put(m)
	}
}

// loaded is many messages of Anna to Bruno, each with all that is owed.
func loaded(n int, spoil func(i int, all map[string]message)) func(*testCase) {
	return func(c *testCase) {
		for i := range n {
			token := fmt.Sprintf("load%02d", i)
			own := []string{"7f3a", token, clientMessageID, "<c-" + token + "@pc.aurora.example>"}
			text := strings.NewReplacer(own...).Replace(strings.Replace(originalText, ", elena@posta.example\nCc: carla@borea.example", "", 1))
			c.submitted(text, to(bruno), func(s *evidence.Submission) { s.Token = token })
			all := map[string]message{}
			for _, name := range []string{"acceptance", "envelope", "taken-in-charge", "delivery"} {
				m := correct(name)
				for _, part := range []*string{&m.Head, &m.Content} {
					*part = strings.NewReplacer(append(own, identifier, "pec-"+token+"@gestore.aurora.example",
						"&lt;c1@pc.aurora.example&gt;", "&lt;c-"+token+"@pc.aurora.example&gt;",
						"    <ricezione>carla@borea.example</ricezione>", "")...).Replace(*part)
				}
				all[name] = m
			}
			if spoil != nil {
				spoil(i, all)
			}
			for _, name := range []string{"acceptance", "envelope", "taken-in-charge", "delivery"} {
				if m, kept := all[name]; kept {
					c.put(m)
				}
			}
		}
		c.settled()
	}
}

func TestDelayFlows(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	late := []act{firstTold(paolo), secondTold(), until(30 * hour), heard("delivery", paolo, 30*hour)}
	wrapped := func(acts ...act) func(*testCase) {
		return waiting(append([]act{func(t *testing.T, c *testCase) {
			t.Helper()
			m := overTime(t, "anomaly", paolo, time.Second)
			m.Mailbox = paolo
			c.put(m)
		}}, acts...)...)
	}
	limit := func(alter func(*evidence.Submission)) func(*testCase) {
		return func(c *testCase) {
			c.World.Limits = evidence.Limits{MaxRecipients: 2, MaxTotalBytes: 1 << 20}
			c.submitted(originalText, alter)
			c.settled()
		}
	}
	runTrials(t, delayFlowJudges(), []trial{
		{rule: "PEC-INT-005", name: "anomaly envelope", build: malformed(anomalyTo(bruno)), want: holds},
		{rule: "PEC-INT-005", name: "nothing", build: malformed(), want: broken},
		{rule: "PEC-INT-005", name: "taken in charge", build: malformed(anomalyTo(bruno), func(t *testing.T, c *testCase) { t.Helper(); c.put(correct("taken-in-charge")) }), want: broken},
		{rule: "PEC-INT-005", name: "not settled", build: notYetSettled(malformed()), want: unable},
		{rule: "PEC-INT-005", name: "the sender is told", build: wrapped(firstTold(paolo), secondTold(), until(25*hour)), want: holds},
		{rule: "PEC-INT-005", name: "the sender is not told", build: wrapped(until(25 * hour)), want: broken},
		{rule: "PEC-INT-005", name: "sound envelopes", build: waiting(until(25 * hour)), none: true},

		{rule: "PEC-INT-008", name: "two notices, late receipt", build: waiting(append(late, foundLast())...), want: holds},
		{rule: "PEC-INT-008", name: "late receipt lost", build: waiting(late...), want: broken},
		{rule: "PEC-INT-008", name: "one notice", build: waiting(firstTold(paolo), until(30*hour)), want: broken},
		{rule: "PEC-INT-008", name: "never handed over", build: unhanded([]string{paolo}, until(30*hour)), none: true},

		{rule: "PEC-SLA-001", name: "too many recipients", build: limit(refusedAtDATA), want: observed},
		{rule: "PEC-SLA-001", name: "too large", build: limit(func(s *evidence.Submission) { to(bruno)(s); s.Size = 2 << 20 }), want: observed},
		{rule: "PEC-SLA-001", name: "within", build: limit(to(bruno)), none: true},

		{rule: "PEC-SLA-007", name: "each has its own", build: loaded(20, nil), want: holds},
		{rule: "PEC-SLA-007", name: "one receipt lost", build: loaded(20, func(i int, all map[string]message) {
			if i == 7 {
				delete(all, "delivery")
			}
		}), want: broken},
		{rule: "PEC-SLA-007", name: "no load", build: loaded(3, nil), none: true},
	}, "PEC-SLA-001")
}

func TestLinks(t *testing.T) {
	t.Parallel()
	session := func(alter func(*evidence.Intake)) func(*testCase) {
		return func(c *testCase) {
			withCirro(c)
			i := evidence.Intake{
				Peer: cirro, Manner: "takes", From: "gestore.aurora.example", OfferedTLS: true, TLS: true,
				ReversePath: anna, Recipients: []string{paolo}, SHA256: "ab", Code: 250,
			}
			alter(&i)
			c.add(evidence.Event{Type: evidence.TakenIn, Intake: &i})
		}
	}
	relayed := func(tls bool, name string) func(*testCase) {
		return func(c *testCase) {
			c.add(evidence.Event{Type: evidence.RelayRead, Relay: []evidence.RelayExchange{{From: aurora, To: name, TLS: tls, Code: 250}}})
		}
	}
	looked := func(name string, answers ...string) func(*testCase) {
		return func(c *testCase) {
			c.add(evidence.Event{Type: evidence.NameResolved, Resolution: &evidence.Resolution{Name: name, Type: "MX", Answers: answers}})
		}
	}
	plain := func(manner string, offered bool, mail bool) func(*testCase) {
		return session(func(i *evidence.Intake) {
			i.Manner, i.OfferedTLS, i.TLS = manner, offered, false
			if !mail {
				i.ReversePath, i.Recipients, i.SHA256, i.Code = "", nil, "", 0
			}
		})
	}
	runTrials(t, linkJudges(), []trial{
		{rule: "PEC-SEC-002", name: "TLS", build: session(func(*evidence.Intake) {}), want: holds},
		{rule: "PEC-SEC-002", name: "offered and not used", build: plain("takes", true, true), want: broken},
		{rule: "PEC-SEC-002", name: "not offered", build: plain("no-starttls", false, true), none: true},
		{rule: "PEC-SEC-002", name: "between the pair", build: relayed(true, borea), want: holds},
		{rule: "PEC-SEC-002", name: "in clear between the pair", build: relayed(false, borea), want: broken},
		{rule: "PEC-SEC-002", name: "ordinary host", build: relayed(false, "posta.example"), none: true},

		{rule: "PEC-SEC-005", name: "found", build: looked("aurora.example", "10 mx.aurora.example"), want: observed},
		{rule: "PEC-SEC-005", name: "none", build: looked("aurora.example"), want: observed},
		{rule: "PEC-SEC-005", name: "ordinary domain", build: looked("posta.example", "10 mx"), none: true},

		{rule: "PEC-SEC-007", name: "TLS fails, nothing sent", build: plain("broken-starttls", true, false), want: holds},
		{rule: "PEC-SEC-007", name: "TLS fails, sent in clear", build: plain("broken-starttls", true, true), want: broken},
		{rule: "PEC-SEC-007", name: "no TLS, nothing sent", build: plain("no-starttls", false, false), want: holds},
		{rule: "PEC-SEC-007", name: "no TLS, sent in clear", build: plain("no-starttls", false, true), want: broken},
		{rule: "PEC-SEC-007", name: "no TLS, only the sender named", build: session(func(i *evidence.Intake) {
			i.Manner, i.OfferedTLS, i.TLS, i.Recipients, i.SHA256, i.Code = "no-starttls", false, false, nil, "", 530
		}), want: broken},
		{rule: "PEC-SEC-007", name: "certificate that does not verify", build: session(func(i *evidence.Intake) { i.Manner = "bad-certificate" }), want: observed},
		{rule: "PEC-SEC-007", name: "refused connection", build: session(func(i *evidence.Intake) { *i = evidence.Intake{Peer: cirro, Manner: "refuses-connections"} }), none: true},
		{rule: "PEC-SEC-007", name: "good TLS", build: session(func(*evidence.Intake) {}), none: true},
	}, "PEC-SEC-005")
}
