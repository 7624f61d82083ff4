package reports

import (
	"bytes"
	"cmp"
	"errors"
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
// signed it, the facts that it certifies, the verdict, which rules it breaks,
// how many it keeps, and what could not be judged and why.
func Message(w io.Writer, catalogue *rules.Catalogue, file string, single *rules.Single) error {
	p := newPrinter(w, messageWidth, false)
	p.line(printable(file))
	p.wrapped("", sentence(whatWords(single)))
	p.line("")
	p.facts(single)
	p.line("")
	rulesOf := map[rules.Verdict][]string{}
	for _, c := range single.Checks {
		if !slices.Contains(rulesOf[c.Verdict], c.Rule) {
			rulesOf[c.Verdict] = append(rulesOf[c.Verdict], c.Rule)
		}
	}
	p.wrapped("verdict     ", singleVerdict(single, rulesOf))
	p.wrapped("cut         ", single.Cut)
	if ordinary(single) {
		return p.err
	}
	p.wrapped("trust       ", trustWords(single))
	for _, told := range []struct {
		verdict rules.Verdict
		heading string
	}{
		{rules.Error, "The harness failed"}, {rules.Fail, "Rules broken"}, {rules.Inconclusive, "Not concluded"}, {rules.Warn, "Warnings"},
	} {
		p.singleGroup(single, catalogue, told.verdict, told.heading, len(rulesOf[told.verdict]))
	}
	p.line("")
	if n := len(single.Kept()); n > 0 {
		p.wrapped("kept        ", plural(n, "rule"))
	}
	p.wrapped("noted       ", shortList(rulesOf[rules.Observed]))
	p.missing(single)
	if broken := rulesOf[rules.Fail]; len(broken) > 0 {
		p.wrapped("more        ", "collaudo rules explain "+broken[0]+" tells what the rule says and where it is written")
	}
	return p.err
}

// ordinary tells that the message is none of certified e-mail.
func ordinary(single *rules.Single) bool {
	return single.Message.Kind == pec.Ordinary && len(single.Checks) == 0
}

// whatWords says what a message is, by what its header says.
func whatWords(single *rules.Single) string {
	m := single.Message
	size := ", " + sizeWords(int64(len(m.Raw)))
	switch {
	case ordinary(single) && single.Verdict == rules.Fail:
		return "what this is cannot be told: the header breaks off before it says" + size
	case ordinary(single):
		return "ordinary mail, no certified e-mail: it has neither " + pec.HeaderReceipt + " nor " + pec.HeaderTransport + size
	case m.Kind == pec.Ordinary:
		return "certified e-mail of no kind: it holds certification data, but neither " + pec.HeaderReceipt + " nor " + pec.HeaderTransport + size
	case m.Kind == pec.Unclear:
		return "certified e-mail of no clear kind: see what " + pec.HeaderReceipt + " and " + pec.HeaderTransport + " say" + size
	case m.Kind.IsEnvelope():
		return kindWords(m) + " (" + pec.HeaderTransport + ": " + m.Kind.Token() + ")" + size
	}
	return kindWords(m) + " (" + pec.HeaderReceipt + ": " + m.Kind.Token() + ")" + size
}

// facts prints who wrote, to whom, and what is certified.
func (p *printer) facts(single *rules.Single) {
	root, c := single.Message.Root, single.Message.Certification
	p.wrapped("from        ", brief(rawmime.DecodeWords(root.Value("From"))))
	p.wrapped("to          ", brief(rawmime.DecodeWords(root.Value("To"))))
	p.wrapped("subject     ", brief(rawmime.DecodeWords(root.Value("Subject"))))
	if c == nil {
		p.wrapped("date        ", brief(root.Value("Date")))
	}
	if ordinary(single) {
		return
	}
	p.wrapped("signed by   ", signerWords(single))
	if c == nil {
		if err := single.Message.CertificationErr; err != nil {
			p.wrapped("certified   ", "nothing that can be read: "+err.Error())
		}
		return
	}
	p.wrapped("provider    ", brief(c.Issuer))
	p.wrapped("instant     ", brief(strings.TrimSpace(c.Day+" "+c.Time+" "+c.Zone)))
	p.wrapped("identifier  ", brief(c.Identifier))
	p.wrapped("msgid       ", brief(c.MessageID))
	p.wrapped("sender      ", brief(c.Sender))
	var recipients []string
	for _, r := range c.Recipients {
		recipients = append(recipients, r.Address+" ("+cmp.Or(r.Type, "certificato")+")")
	}
	p.wrapped("recipients  ", atMost(recipients, 10))
	p.wrapped("delivery    ", brief(c.Delivery))
	if c.Error != "" && c.Error != "nessuno" {
		p.wrapped("error       ", brief(strings.TrimSuffix(c.Error+": "+c.ExtendedError, ": ")))
	}
}

// brief shortens what a message may hold without end.
func brief(text string) string {
	const most = 400
	letters := []rune(strings.TrimSpace(text))
	if len(letters) <= most {
		return string(letters)
	}
	return string(letters[:most]) + fmt.Sprintf(" … (%d more letters)", len(letters)-most)
}

// atMost lists the first n of many.
func atMost(list []string, n int) string {
	if len(list) <= n {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:n], ", "), len(list)-n)
}

// signerWords says who signed, and whether the signature fits what it is on;
// it says no word on whether the signer may be trusted.
func signerWords(single *rules.Single) string {
	m, s := single.Message, single.Signature
	switch {
	case m.SignaturePart == nil || m.Signed == nil:
		return "nobody: the message has no signature part"
	case s == nil:
		return "unknown: " + cmp.Or(reason(single.SignatureErr), "the signature cannot be read")
	case s.Certificate == nil:
		return "unknown: the signature holds no certificate of its signer"
	}
	words := cmp.Or(s.Certificate.Subject.CommonName, strings.Join(s.Certificate.Subject.Organization, ", "))
	if addresses := s.Certificate.EmailAddresses; len(addresses) > 0 {
		words += " <" + strings.Join(addresses, ", ") + ">"
	}
	words += ", digest " + s.Digest.String()
	if s.HasSigningTime {
		words += ", at " + s.SigningTime.In(pec.Zone()).Format("02/01/2006 15:04:05 -0700")
	}
	switch err := single.SignatureErr; {
	case err == nil:
		return words + "; the signature verifies"
	case errors.Is(err, smime.ErrMismatch):
		return words + "; the signature DOES NOT VERIFY: the signed content or the signature was altered"
	default:
		return words + "; the signature was not verified: " + reason(err)
	}
}

// reason is what an error says, without the packages it went through.
func reason(err error) string {
	if err == nil {
		return ""
	}
	return strings.NewReplacer("smime: ", "", "rawmime: ", "").Replace(err.Error())
}

func singleVerdict(single *rules.Single, rulesOf map[rules.Verdict][]string) string {
	const alone = ", in what one message alone can show"
	outcome := string(single.Outcome())
	switch single.Outcome() {
	case rules.Invalid:
		return outcome + ": the harness failed"
	case rules.NotConformant:
		if n := len(rulesOf[rules.Fail]); n > 0 {
			return outcome + ": " + plural(n, "rule") + " broken"
		}
		return outcome + ": the message is cut"
	case rules.Inconclusives:
		switch n := len(rulesOf[rules.Inconclusive]); {
		case n > 0:
			return outcome + ": " + plural(n, "rule") + " could not be concluded, see below"
		case ordinary(single):
			return outcome + ": nothing was judged; the rules of certified e-mail do not bind ordinary mail"
		}
		return outcome + ": no rule could be judged on this message alone"
	case rules.ConformantWithWarnings:
		return outcome + " (" + plainNumber(len(rulesOf[rules.Warn])) + ")" + alone
	}
	return outcome + alone
}

// trustRules are the rules that say whether a signer is to be trusted: listed,
// for that domain, with a certificate that was valid.
func trustRules() []string { return []string{"PEC-SIG-004", "PEC-SIG-005", "PEC-SIG-006"} }

// trustWords says whether the signer may be trusted, or why that is not judged.
func trustWords(single *rules.Single) string {
	if !single.Trusted {
		return "not judged: it takes the CA (--ca) and the directory of providers (--directory); --crl adds revocation"
	}
	worst, seen := rules.NotExercised, []string(nil)
	for _, c := range single.Checks {
		if !slices.Contains(trustRules(), c.Rule) {
			continue
		}
		if c.Verdict.Worse(worst) {
			worst = c.Verdict
		}
		if c.Verdict != rules.Pass {
			seen = append(seen, c.Rule)
		}
	}
	switch {
	case worst == rules.NotExercised:
		return "not judged: there is no signer that can be read"
	case worst != rules.Pass:
		return "doubtful: see " + strings.Join(slices.Compact(seen), ", ") + " below"
	}
	if single.SignatureErr != nil {
		return "of no use: the directory lists the certificate, but the signature does not verify"
	}
	if _, partly := single.Missing["PEC-SIG-006"]; partly {
		return "the directory lists the signer for this domain, the CA issued the certificate; revocation is not judged (--crl)"
	}
	return "the directory lists the signer for this domain, the CA issued the certificate and has not revoked it"
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
				p.wrapped("    written   ", citeBriefly(law))
			}
			told = c.Rule
		}
		p.wrapped("    expected  ", c.Expected)
		p.wrapped("    seen      ", brief(strings.TrimPrefix(c.Seen, "smime: ")))
		p.wrapped("    forgiven  ", c.Because)
		p.wrapped("    needs     ", c.Need)
		p.wrapped("    where     ", placeWords(single.Message, c))
		if c.Count > 1 {
			p.wrapped("    and       ", plural(c.Count-1, "more place"))
		}
	}
}

// citeBriefly names the sections of RFC 6109, which follow the Italian annex;
// other sources where it has none.
func citeBriefly(law *rules.Rule) string {
	if len(law.Sections) > 0 {
		return "RFC 6109 " + strings.Join(law.Sections, ", ")
	}
	return law.Cite().EN
}

// placeWords says where in the message the reason lies, with its line where
// that can be told.
func placeWords(m *pec.Message, c rules.Check) string {
	part := c.Where.Part
	if m.Kind == pec.AnomalyEnvelope && !strings.HasPrefix(c.Rule, "PEC-ANO") && !strings.HasPrefix(c.Rule, "PEC-SIG") {
		return part // it may be about the envelope inside
	}
	at := -1
	name, isHeader := strings.CutPrefix(part, "header ")
	first := func(parts []*rawmime.Entity) {
		if len(parts) > 0 {
			at = parts[0].Start
		}
	}
	switch {
	case isHeader:
		if fields := m.Root.Lookup(name); len(fields) > 0 {
			at = fields[0].Start
		} else if !strings.ContainsAny(name, " ,") {
			return part + " (absent)"
		}
	case strings.HasPrefix(part, "daticert.xml"):
		first(m.CertificationParts)
	case strings.HasPrefix(part, "postacert.eml"):
		first(m.OriginalParts)
	case part == "text" || part == "text/plain":
		first([]*rawmime.Entity{cmp.Or(m.PlainText, m.Text, m.Root)})
	case part == "text/html":
		first([]*rawmime.Entity{cmp.Or(m.HTMLText, m.Root)})
	case part == "signed content" && m.Signed != nil:
		at = m.Signed.Start
	case part == "signature part" && m.SignaturePart != nil:
		at = m.SignaturePart.Start
	}
	if at <= 0 && !isHeader || at < 0 {
		return part
	}
	return fmt.Sprintf("%s, line %d", part, bytes.Count(m.Raw[:at], []byte("\n"))+1)
}

// missing says what could not be judged, and what it would need.
func (p *printer) missing(single *rules.Single) {
	byNeed := map[string]int{}
	for _, need := range single.Missing {
		if need == string(rules.NeedTrust) {
			need = "the CA and the directory"
		}
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
	p.wrapped("not judged  ", plural(len(single.Missing), "rule")+", which take more than the message: "+strings.Join(needs, ", "))
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
