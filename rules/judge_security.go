package rules

import (
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// securityJudges answer for what of the family SEC can be seen from outside
// (RFC 6109 5.2, 5.3), in probes, in submissions and in the SMTP transactions
// between providers; and for PEC-SMB-002, the service address (2.2.6).
func securityJudges() []Judge {
	return []Judge{
		{Rule: "PEC-SEC-001", Looks: "TLS on submission, on the incoming point and between providers", Uses: []Need{NeedRelay}, Look: judgeSecureLinks},
		{Rule: "PEC-SEC-003", Looks: "whether mail can be read without TLS", Look: judgeProbed("imap-in-clear", "pop3-in-clear")},
		{Rule: "PEC-SEC-004", Looks: "whether a wrong password opens anything", Look: judgeProbed("wrong-password-submission", "wrong-password-imap", "wrong-password-pop3")},
		{Rule: "PEC-SEC-006", Looks: "the versions of TLS that are taken", Look: judgeVersionsOfTLS},
		everySystemMessage("PEC-SMB-002", "the From of every envelope, receipt and notice against the service addresses", judgeServiceAddress),
	}
}

// describedAsJudged tells whether the world describes a provider of that name,
// and as one that verdicts are given on: a probe may look at anybody.
func (v *View) describedAsJudged(provider string) bool {
	return v.provider(provider) != nil && v.judged(provider)
}

// probesNamed returns the probes with one of these names, of judged providers.
func (v *View) probesNamed(names ...string) []evidence.Probe {
	var all []evidence.Probe
	for _, p := range v.Case.Probes {
		for _, name := range names {
			if p.Name == name && v.describedAsJudged(p.Provider) {
				all = append(all, p)
			}
		}
	}
	return all
}

func whereProbed(p evidence.Probe) Where { return Where{Blob: p.Transcript, Part: "probe " + p.Name} }

// answered renders the replies of a probe.
func answered(p evidence.Probe) string {
	var all []string
	for _, r := range p.Replies {
		if text := strings.TrimSpace(strings.Join([]string{codeText(r.Code), r.Enhanced, r.Text}, " ")); text != "" {
			all = append(all, fold(text))
		}
	}
	if len(all) == 0 {
		return p.Provider + " did not answer"
	}
	return p.Provider + " answered: " + strings.Join(all, " / ")
}

func codeText(code int) string {
	if code == 0 {
		return ""
	}
	return string([]byte{byte('0' + code/100%10), byte('0' + code/10%10), byte('0' + code%10)})
}

// judgeProbed makes the look of a judge whose probes must all be refused.
func judgeProbed(names ...string) func(*View, *Findings) {
	return func(v *View, f *Findings) {
		for _, p := range v.probesNamed(names...) {
			if p.Refused {
				f.Holds(whereProbed(p), answered(p))
			} else {
				f.Broken(whereProbed(p), "a refusal of an attempt "+p.Asked, answered(p))
			}
		}
	}
}

func judgeSecureLinks(v *View, f *Findings) {
	judgeProbed("auth-in-clear")(v, f)
	for _, p := range v.probesNamed("starttls-incoming") {
		if p.Refused {
			f.Broken(whereProbed(p), "STARTTLS offered on the incoming point, and a handshake that succeeds", answered(p))
		} else {
			f.Holds(whereProbed(p), p.TLSVersion)
		}
	}
	for _, t := range v.Transactions {
		if t.Channel != evidence.SubmissionClear || t.TLS {
			continue
		}
		if t.Accepted() {
			f.Broken(t.Where("SMTP dialogue"), "no submission without TLS", "the message was accepted")
		} else {
			f.Holds(t.Where("SMTP dialogue"), "a submission without TLS was not accepted")
		}
	}
	for _, exchange := range v.Case.Relay {
		if !v.describedAsJudged(exchange.From) || v.provider(exchange.To) == nil {
			continue // ordinary hosts need no TLS
		}
		where := Where{Blob: exchange.SHA256, Part: "SMTP from " + exchange.From + " to " + exchange.To}
		if exchange.TLS {
			f.Holds(where, "TLS")
		} else {
			f.Broken(where, "TLS between providers", "clear text from "+exchange.From+" to "+exchange.To)
		}
	}
}

func judgeVersionsOfTLS(v *View, f *Findings) {
	const expected = "TLS 1.2 or later only"
	for _, p := range v.Case.Probes {
		old := strings.HasPrefix(p.Name, "tls-1.0") || strings.HasPrefix(p.Name, "tls-1.1")
		switch {
		case !v.describedAsJudged(p.Provider):
		case p.TLSVersion == "TLS 1.2" || p.TLSVersion == "TLS 1.3":
			f.Holds(whereProbed(p), p.TLSVersion+" on "+p.Service)
		case p.TLSVersion != "":
			f.Broken(whereProbed(p), expected, p.TLSVersion+" on "+p.Service)
		case old && p.Refused:
			f.Holds(whereProbed(p), p.Asked+" was refused")
		case strings.HasPrefix(p.Name, "tls-1."):
			f.Observes(whereProbed(p), p.Asked+" was refused")
		}
	}
}

func judgeServiceAddress(v *View, m *Message, f *Findings) {
	if len(v.Case.World.Providers) == 0 {
		return
	}
	where := m.Where("header From")
	var addresses []string
	for _, p := range v.Case.World.Providers {
		addresses = append(addresses, p.ServiceAddress)
	}
	from := addressOf(m.PEC.Root.Value("From"))
	if !holdsAddress(addresses, from) {
		f.Broken(where, "From: a provider's service address, one of "+shownList(addresses), shown(m.PEC.Root.Value("From")))
		return
	}
	f.Holds(where, from)
}
