package reports

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/rules"
)

// messageWidth is the width of the answer about a message.
const messageWidth = 100

// Message prints what can be said of one message from a file: what it is, who
// signed it, the facts that it certifies, which rules it breaks, how many it
// keeps, and what could not be judged and why. trusted tells that the
// directory and the CA were at hand.
func Message(w io.Writer, catalogue *rules.Catalogue, file string, single *rules.Single, trusted bool) error {
	p := newPrinter(w, messageWidth, false)
	m := single.Message
	p.wrapped("", file+": "+sentence(kindWords(m)))
	p.line("")
	p.facts(m)
	p.line("")
	rulesOf := map[rules.Verdict][]string{}
	for _, c := range single.Checks {
		if !slices.Contains(rulesOf[c.Verdict], c.Rule) {
			rulesOf[c.Verdict] = append(rulesOf[c.Verdict], c.Rule)
		}
	}
	p.wrapped("verdict     ", singleVerdict(single, rulesOf))
	p.trust(single, trusted)
	for _, told := range []struct {
		verdict rules.Verdict
		heading string
	}{
		{rules.Error, "The harness failed"}, {rules.Fail, "Rules broken"}, {rules.Warn, "Warnings"},
	} {
		p.singleGroup(single, catalogue, told.verdict, told.heading, len(rulesOf[told.verdict]))
	}
	p.line("")
	p.wrapped("kept        ", plural(len(rulesOf[rules.Pass]), "rule"))
	p.wrapped("recorded    ", shortList(rulesOf[rules.Observed]))
	p.missing(single)
	return p.err
}

// facts prints who wrote, to whom, and what is certified.
func (p *printer) facts(m *pec.Message) {
	root := m.Root
	p.wrapped("from        ", rawmime.DecodeWords(root.Value("From")))
	p.wrapped("subject     ", rawmime.DecodeWords(root.Value("Subject")))
	p.wrapped("date        ", root.Value("Date"))
	if signer := signerWords(m); signer != "" {
		p.wrapped("signed by   ", signer)
	}
	c := m.Certification
	if c == nil {
		if m.CertificationErr != nil {
			p.wrapped("certified   ", "the certification data cannot be read: "+m.CertificationErr.Error())
		}
		return
	}
	p.wrapped("provider    ", c.Issuer)
	p.wrapped("identifier  ", c.Identifier)
	p.wrapped("msgid       ", c.MessageID)
	p.wrapped("instant     ", strings.TrimSpace(c.Day+" "+c.Time+" "+c.Zone))
	p.wrapped("sender      ", c.Sender)
	var recipients []string
	for _, r := range c.Recipients {
		recipients = append(recipients, r.Address+" ("+cmp.Or(r.Type, "certificato")+")")
	}
	p.wrapped("recipients  ", strings.Join(recipients, ", "))
	p.wrapped("delivery    ", c.Delivery)
	if c.Error != "" && c.Error != "nessuno" {
		p.wrapped("error       ", strings.TrimSpace(c.Error+" "+c.ExtendedError))
	}
}

// signerWords says who signed, without a word on whether he may be trusted.
func signerWords(m *pec.Message) string {
	if m.SignaturePart == nil || m.Signed == nil {
		return "nobody: the message carries no detached signature"
	}
	der, err := m.SignaturePart.Decoded()
	if err != nil {
		return "unknown: the signature cannot be decoded: " + err.Error()
	}
	signature, err := smime.Verify(m.Signed.Raw(), der)
	if err != nil {
		return "unknown: " + err.Error()
	}
	if signature.Certificate == nil {
		return "unknown: the signature holds no certificate of its signer"
	}
	words := cmp.Or(signature.Certificate.Subject.CommonName, strings.Join(signature.Certificate.Subject.Organization, ", "))
	if addresses := signature.Certificate.EmailAddresses; len(addresses) > 0 {
		words += " <" + strings.Join(addresses, ", ") + ">"
	}
	words += ", digest " + signature.Digest.String()
	if signature.HasSigningTime {
		words += ", at " + signature.SigningTime.In(pec.Zone()).Format("02/01/2006 15:04:05 -0700")
	}
	return words
}

func singleVerdict(single *rules.Single, rulesOf map[rules.Verdict][]string) string {
	switch {
	case single.Verdict == rules.Error:
		return "NONE: the harness failed"
	case single.Verdict == rules.Fail:
		return "NOT CONFORMANT: " + plural(len(rulesOf[rules.Fail]), "rule") + " broken"
	case len(rulesOf[rules.Warn]) > 0:
		return "CONFORMANT WITH WARNINGS, in what one message alone can show"
	case len(rulesOf[rules.Pass]) > 0:
		return "CONFORMANT, in what one message alone can show"
	case single.Message.Kind == pec.Ordinary:
		return "none: this is ordinary mail, which the rules of certified e-mail do not bind"
	}
	return "none: no rule could be judged on this message alone"
}

// trust says whether the signer's trust was judged.
func (p *printer) trust(single *rules.Single, trusted bool) {
	switch {
	case single.Message.Kind == pec.Ordinary:
	case trusted:
		p.wrapped("trust       ", "judged by the CA and the directory that were given")
	default:
		p.wrapped("trust       ", "not judged: give the CA and the directory (--ca, --crl, --directory) to have the signer judged")
	}
}

func (p *printer) singleGroup(single *rules.Single, catalogue *rules.Catalogue, verdict rules.Verdict, heading string, n int) {
	if n == 0 {
		return
	}
	p.line("")
	p.line(fmt.Sprintf("%s (%d)", heading, n))
	told := ""
	for _, c := range single.Checks {
		if c.Verdict != verdict {
			continue
		}
		if c.Rule != told {
			p.wrapped("  "+c.Rule+"  ", titleOf(catalogue, c.Rule))
			if law, known := catalogue.Rule(c.Rule); known {
				p.wrapped("    written   ", law.Cite().EN)
			}
			told = c.Rule
		}
		p.wrapped("    expected  ", c.Expected)
		p.wrapped("    seen      ", clip(c.Seen))
		p.wrapped("    forgiven  ", c.Because)
		p.wrapped("    where     ", c.Where.Part)
	}
}

// missing says what could not be judged, and what it would need.
func (p *printer) missing(single *rules.Single) {
	byNeed := map[string]int{}
	for _, need := range single.Missing {
		byNeed[need]++
	}
	if len(byNeed) == 0 {
		return
	}
	needs := slices.SortedFunc(maps.Keys(byNeed), func(a, b string) int {
		return cmp.Or(cmp.Compare(byNeed[b], byNeed[a]), cmp.Compare(a, b))
	})
	for i, need := range needs {
		needs[i] = fmt.Sprintf("%s (%d)", need, byNeed[need])
	}
	p.wrapped("not judged  ", plural(len(single.Missing), "rule")+", which need more than the message: "+strings.Join(needs, "; "))
}

// shortList names rules without what all their ids begin with, as many as fit
// a glance.
func shortList(ids []string) string {
	const most = 12
	var names []string
	for _, id := range ids[:min(most, len(ids))] {
		names = append(names, strings.TrimPrefix(id, "PEC-"))
	}
	text := strings.Join(names, " ")
	if len(ids) > most {
		text += fmt.Sprintf(" and %d more", len(ids)-most)
	}
	return text
}
