package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
)

// What the notices of the access point (RFC 6109 3.1.2 to 3.1.4) and its
// envelope (3.1.5) have in common: header, subject, and the facts that the
// readable text gives.

// dateTolerance is by how much one accredited provider dates a header after
// the certification data; more is never forgiven.
const dateTolerance = 6 * time.Second

// findAll reports every problem of one message, or that the part holds.
func findAll(f *Findings, m *Message, part string, problems []problem, holds string) {
	f.report(func(where string) Where {
		if where == "" {
			where = part
		}
		return m.Where(where)
	}, problems, holds)
}

// receiptHeader compares the header of a notice of the access point with what
// the rules list for it; warnings that the rule leaves are recorded at once.
func receiptHeader(v *View, f *Findings, m *Message) []problem {
	var wrong []problem
	root := m.PEC.Root
	is := func(field, want string, equal bool) {
		if !equal {
			wrong = append(wrong, problem{part: "header " + field, expected: field + ": " + want, seen: shownValues(root.Values(field))})
		}
	}
	is(pec.HeaderReceipt, tokenOf(m.PEC.Kind), strings.EqualFold(root.Value(pec.HeaderReceipt), tokenOf(m.PEC.Kind)))
	if late, date := dateMismatch(m); date != nil {
		wrong = append(wrong, *date)
	} else if late != 0 {
		f.Warns(m.Where("header Date"), "the instant of the certification data", fmt.Sprintf("%s later", late))
	}
	from := addressOf(root.Value("From"))
	if p := issuerOf(v, m); p != "" {
		is("From", p, pec.SameAddress(from, p))
	} else {
		is("From", "posta-certificata@ the provider's domain", from != "")
	}
	if to := senderOf(m); to != "" {
		is("To", to, lists(addressesOrNone(root.Value("To")), to))
	}
	if m.Transaction != nil && m.Transaction.clientMessageID() != "" {
		want := m.Transaction.clientMessageID()
		is(pec.HeaderReference, want, fold(root.Value(pec.HeaderReference)) == want)
	}
	return wrong
}

// issuerOf returns the service address of the provider that the submission
// was handed to; "" when the world does not say.
func issuerOf(v *View, m *Message) string {
	if m.Transaction == nil {
		return ""
	}
	if p := v.provider(m.Transaction.Host); p != nil {
		return p.ServiceAddress
	}
	return ""
}

func addressesOrNone(header string) []string {
	list, err := pec.ParseAddressList(header)
	if err != nil {
		return nil
	}
	return addressesOf(list)
}

// dateMismatch compares Date with the certification data: late is a delay that
// is only reported.
func dateMismatch(m *Message) (late time.Duration, wrong *problem) {
	date, err := headerInstant(m.PEC.Root)
	if err != nil {
		return 0, &problem{part: "header Date", expected: "Date with the instant of emission", seen: shownValues(m.PEC.Root.Values("Date"))}
	}
	if m.PEC.Certification == nil {
		return 0, nil
	}
	at, err := certifiedInstant(m.PEC.Certification)
	if err != nil || date.Equal(at) {
		return 0, nil // unreadable certification data are judged by their own rules
	}
	if d := date.Sub(at); d > 0 && d <= dateTolerance {
		return d, nil
	}
	return 0, &problem{part: "header Date", expected: "Date at " + at.Format(time.RFC3339) + ", the instant of the certification data", seen: date.Format(time.RFC3339)}
}

// senderOf returns the reverse path that the message is about.
func senderOf(m *Message) string {
	if m.Transaction != nil {
		return m.Transaction.sender()
	}
	if m.PEC.Certification != nil {
		return pec.BareAddress(m.PEC.Certification.Sender)
	}
	return ""
}

// recipientsOf returns the recipients that the message is about, each once.
func recipientsOf(m *Message) []string {
	var all []string
	if m.Transaction != nil {
		all = m.Transaction.recipients()
	} else if m.PEC.Certification != nil {
		for _, r := range m.PEC.Certification.Recipients {
			all = append(all, pec.BareAddress(r.Address))
		}
	}
	return distinct(all)
}

// subjectAbout returns the subject that the message is about; false when there
// was none or none is known.
func subjectAbout(m *Message) (string, bool) {
	if m.Transaction != nil && m.Transaction.Sent != nil {
		return m.Transaction.subject()
	}
	if c := m.PEC.Certification; c != nil && c.HasSubject {
		return fold(c.Subject), true
	}
	return "", false
}

// judgeSubject holds a subject against its prefix and the original subject.
func judgeSubject(f *Findings, m *Message, subject, prefix string) {
	where := m.Where("header Subject")
	want, known := subjectAbout(m)
	rest, ok := strings.CutPrefix(subject, strings.TrimSpace(prefix))
	rest = fold(rest)
	expected := prefix + want
	switch {
	case !ok:
		f.Broken(where, shown(expected), shown(subject))
	case !known || rest == want:
		f.Holds(where, shown(subject))
	case m.Transaction == nil && squeezed(rest) == squeezed(want):
		f.Holds(where, shown(subject)) // known from XML only, which holds no control characters
	case lossyEqual(want, rest) || !ascii(want) && rawSubject(m):
		f.Warns(where, shown(expected), shown(subject)+": characters were replaced")
	default:
		f.Broken(where, shown(expected), shown(subject))
	}
}

// rawSubject tells that the submitted subject holds octets above 127, which
// RFC 5322 gives no meaning to.
func rawSubject(m *Message) bool {
	return m.Transaction != nil && m.Transaction.Sent != nil && !ascii(m.Transaction.Sent.Value("Subject"))
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f })
}

// textFacts returns the facts of the model that the readable text lacks: the
// instant with its zone, subject, sender, recipients and identifier. Wording is
// nobody's business.
func textFacts(m *Message, p *pec.Message) []problem {
	texts := readables(p)
	if len(texts) == 0 {
		return []problem{{part: "text", expected: "a readable text", seen: "none that can be read"}}
	}
	text := texts[0].Text
	var lost []problem
	lacks := func(fact string) {
		lost = append(lost, problem{part: "text", expected: "the readable text gives " + fact, seen: shown(text)})
	}
	subject, known := subjectAbout(m)
	if !saysInstant(text, subject, p) {
		lacks("date, time and zone of the certification data")
	}
	if known && saysSubject(text, subject) == missing && !rawSubject(m) {
		lacks("the subject " + shown(subject))
	}
	if s := senderOf(m); s != "" && !saysAddress(text, s) {
		lacks("the sender " + s)
	}
	for _, r := range recipientsOf(m) {
		if !saysAddress(text, r) {
			lacks("the recipient " + r)
		}
	}
	if c := p.Certification; c != nil && c.Identifier != "" && !says(text, c.Identifier) {
		lacks("the identifier " + c.Identifier)
	}
	return lost
}

func saysInstant(text, subject string, p *pec.Message) bool {
	var want time.Time
	if p.Certification != nil {
		want, _ = certifiedInstant(p.Certification)
	}
	return slices.ContainsFunc(stampsIn(text, subject), func(s stamp) bool {
		at, err := s.instant()
		return err == nil && s.Zone != "" && (want.IsZero() || at.Equal(want))
	})
}

// textLines returns the lines of the plain readable text, trimmed.
func textLines(p *pec.Message) []string {
	if p.PlainText == nil {
		return nil
	}
	text, err := p.PlainText.Text()
	if err != nil {
		return nil
	}
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = fold(lines[i])
	}
	return lines
}

// sharedLine returns a line that names two of the recipients, "" when each has
// a line of its own. Addresses in the subject do not count.
func sharedLine(p *pec.Message, recipients []string, subject string) string {
	for _, line := range textLines(p) {
		if subject != "" {
			line = strings.ReplaceAll(line, subject, " … ")
		}
		n := 0
		for _, r := range recipients {
			if saysAddress(line, r) {
				n++
			}
		}
		if n > 1 {
			return line
		}
	}
	return ""
}

var labelAfter = regexp.MustCompile(`^[^@a-zA-Z0-9]{0,12}posta (certificata|ordinaria)`)

// labelsOf returns the labels that follow the address wherever the text names
// it: "certificata", "ordinaria".
func labelsOf(text, address string) []string {
	var labels []string
	text, address = strings.ToLower(fold(text)), strings.ToLower(address)
	for {
		i := strings.Index(text, address)
		if i < 0 {
			return labels
		}
		whole := i == 0 || !addressRune(text[i-1])
		text = text[i+len(address):]
		if found := labelAfter.FindStringSubmatch(text); whole && found != nil {
			labels = append(labels, found[1])
		}
	}
}

// certificationMissing says why there are no certification data to compare.
func certificationMissing(m *pec.Message) string {
	if m.CertificationErr != nil {
		return "certification data that cannot be read: " + m.CertificationErr.Error()
	}
	return "no certification data"
}
