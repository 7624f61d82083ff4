package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec"
)

// hopsInside looks at the hosts that handled a message between two providers.
func hopsInside(v *View, f *Findings) {
	for _, m := range natured(v.Messages, append(slices.Clone(receiptKinds), pec.TransportEnvelope)...) {
		if m.Transaction == nil || m.Transaction.Sent == nil || m.Role == evidence.OrdinaryMailbox {
			continue
		}
		var problems []problem
		submitted := m.Transaction.Sent.Values("Received")
		for _, line := range m.PEC.Root.Values("Received") {
			if host := receivedBy(line); !slices.Contains(submitted, line) && v.ordinaryHost(host) {
				problems = append(problems, problem{part: "header Received", expected: "machines of certified e-mail only", seen: "by " + host})
			}
		}
		if len(problems) > 0 || v.Provider(m) != nil && v.Provider(m).Name != m.Provider {
			f.report(m.Where, problems, about(m)+" in "+m.Mailbox)
		}
	}
	for _, e := range v.Case.Relay {
		if v.provider(e.From) == nil {
			continue
		}
		for _, r := range e.Recipients {
			if q := v.Case.ProviderOf(pec.BareAddress(r)); q != nil && q.Name != e.To && q.Name != e.From {
				f.Broken(Where{Blob: e.SHA256, Part: "SMTP"}, "mail for "+r+" handed to "+q.Name, fmt.Sprintf("%s handed it to %s", e.From, e.To))
			}
		}
	}
}

// receivedBy returns the host that a Received value was written by, lower case.
func receivedBy(value string) string {
	fields := strings.Fields(strings.ToLower(value))
	if i := slices.Index(fields, "by"); i >= 0 && i+1 < len(fields) {
		return strings.Trim(fields[i+1], "();")
	}
	return ""
}

// ordinaryHost tells that a host belongs to a domain of ordinary mail of the
// world. Nothing can be said of a name that the world does not know.
func (v *View) ordinaryHost(host string) bool {
	return host != "" && slices.ContainsFunc(v.Case.World.Mailboxes, func(m evidence.Mailbox) bool {
		domain := strings.ToLower(m.Address[strings.LastIndexByte(m.Address, '@')+1:])
		return m.Role == evidence.OrdinaryMailbox && (host == domain || strings.HasSuffix(host, "."+domain))
	})
}
