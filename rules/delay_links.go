package rules

import (
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// linkJudges answer for the links between providers: TLS on each of them, never
// a fall back to clear text (RFC 6109 5.3), and the name service.
func linkJudges() []Judge {
	return []Judge{
		{Rule: "PEC-SEC-002", Looks: "SMTP transactions between providers, and sessions with an incoming point of the harness that offers TLS", Uses: []Need{NeedRelay}, Look: exchangedOverTLS},
		{Rule: "PEC-SEC-005", Looks: "MX records of managed domains: recorded", Look: mailExchangers},
		{Rule: "PEC-SEC-007", Looks: "sessions with an incoming point of the harness whose TLS fails, does not verify or is not offered", Look: noClearText},
	}
}

func whereTaken(i evidence.Intake) Where {
	return Where{Blob: i.Transcript, Part: "SMTP session with " + i.Peer}
}

// said tells what of the mail went over the session.
func saidInSession(i evidence.Intake) string {
	var said []string
	if i.ReversePath != "" || i.SHA256 != "" {
		said = append(said, "MAIL FROM:<"+i.ReversePath+">")
	}
	if len(i.Recipients) > 0 {
		said = append(said, "RCPT TO "+shownList(i.Recipients))
	}
	if i.SHA256 != "" {
		said = append(said, "the message")
	}
	return strings.Join(said, ", ")
}

// betweenProviders tells that the exchange is of a judged provider with another
// provider of the world, not with an ordinary host.
func (v *View) betweenProviders(e evidence.RelayExchange) bool {
	return v.describedAsJudged(e.From) && v.provider(e.To) != nil && e.From != e.To
}

func exchangedOverTLS(v *View, f *Findings) {
	for _, e := range v.Case.Relay {
		if !v.betweenProviders(e) {
			continue
		}
		where := Where{Blob: e.SHA256, Part: "SMTP from " + e.From + " to " + e.To}
		if e.TLS {
			f.Holds(where, "TLS")
		} else if !v.withoutTLS(e) {
			f.Broken(where, "TLS between "+e.From+" and "+e.To, "clear text")
		}
	}
	for _, i := range v.Case.Intakes {
		said := saidInSession(i)
		switch {
		case said == "" || !i.OfferedTLS || failedTLS(i): // nothing was exchanged, or PEC-SEC-007
		case i.TLS:
			f.Holds(whereTaken(i), "STARTTLS before "+said)
		default:
			f.Broken(whereTaken(i), "STARTTLS, which "+i.Peer+" offers", "in clear text: "+said)
		}
	}
}

// withoutTLS tells that the exchange is one with an incoming point of the
// harness that offered no TLS, or one that fails: PEC-SEC-007.
func (v *View) withoutTLS(e evidence.RelayExchange) bool {
	for _, i := range v.Case.Intakes {
		if i.Peer == e.To && i.SHA256 == e.SHA256 && (!i.OfferedTLS || failedTLS(i)) {
			return true
		}
	}
	return false
}

// failedTLS tells by how the harness behaved that its TLS was meant to fail or
// not to verify.
func failedTLS(i evidence.Intake) bool {
	manner := strings.ToLower(i.Manner)
	return strings.Contains(manner, "tls") || strings.Contains(manner, "certificate")
}

// noClearText: whether mail is handed over under a certificate that does not
// verify is recorded.
func noClearText(v *View, f *Findings) {
	for _, i := range v.Case.Intakes {
		if i.OfferedTLS && !failedTLS(i) || i.OfferedTLS && !i.TLS && i.Code == 0 && i.From == "" {
			continue
		}
		what := "no TLS offered"
		if i.OfferedTLS {
			what = "TLS " + i.Manner
		}
		switch said := saidInSession(i); {
		case i.TLS && said != "":
			f.Observes(whereTaken(i), fmt.Sprintf("%s: handed over all the same, over TLS", what))
		case i.TLS:
			f.Observes(whereTaken(i), fmt.Sprintf("%s: nothing was handed over", what))
		case said != "":
			f.Broken(whereTaken(i), "no mail in clear text to "+i.Peer+" ("+what+")", "in clear text: "+said)
		case i.From != "" || i.Code != 0:
			f.Holds(whereTaken(i), what+": nothing was handed over in clear text")
		}
	}
}

func mailExchangers(v *View, f *Findings) {
	for _, r := range v.Case.Resolutions {
		if r.Type != "MX" || !v.certified("postmaster@"+r.Name) {
			continue
		}
		where := Where{Part: "MX " + r.Name}
		if len(r.Answers) > 0 {
			f.Observes(where, r.Name+": "+strings.Join(r.Answers, ", "))
		} else {
			f.Observes(where, strings.TrimSpace(r.Name+": no MX record "+r.Error))
		}
	}
}
