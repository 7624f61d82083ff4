package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
)

// labelJudges answers for the label of each recipient: certificato when its
// domain is in the directory, esterno when not (RFC 6109 2.2.1).
func labelJudges() []Judge {
	needs := []Need{NeedTrust}
	return []Judge{
		{Rule: "PEC-AP-028", Looks: "labels of recipients whose domain is written in another letter case than in the directory", Needs: needs, Look: letterCaseLabel},
		{Rule: "PEC-AP-029", Looks: "labels of certified recipients in To and in Cc", Needs: needs, Look: copyLabel},
		{Rule: "PEC-AP-030", Looks: "labels of certified and ordinary recipients of one message, in text and XML", Needs: needs, Look: mixedLabels},
		{Rule: "PEC-AP-031", Looks: "labels of recipients in a subdomain that the directory does not list", Needs: needs, Look: subdomainLabel},
	}
}

// labelled is an acceptance or an envelope of the access point, whose labels
// are looked at.
type labelled struct {
	*Message
	data *pec.Message
}

// labelledOf returns what the access point labelled recipients in.
func labelledOf(t *Transaction) []labelled {
	var all []labelled
	for _, m := range t.OfKind(pec.Acceptance) {
		all = append(all, labelled{m, m.PEC})
	}
	for _, e := range envelopesOf(t) {
		all = append(all, labelled{e.Message, e.Envelope})
	}
	return slices.DeleteFunc(all, func(l labelled) bool { return l.data.Certification == nil })
}

// label returns the type of the recipient in the certification data; "" when
// it is not there.
func (l labelled) label(address string) string {
	for _, r := range l.data.Certification.Recipients {
		if lists([]string{r.Address}, address) {
			return strings.TrimSpace(r.Type)
		}
	}
	return ""
}

func labelWord(certified bool) string {
	if certified {
		return "certificato"
	}
	return "esterno"
}

// judgeLabel compares the label of one recipient.
func judgeLabel(v *View, f *Findings, l labelled, address, why string) {
	want, got := labelWord(v.certifiedFor(l.Transaction, address)), l.label(address)
	seen := address + ": " + got
	if got == "" {
		seen = "no entry for " + address
	}
	if got == want {
		f.Holds(l.Where("daticert.xml"), seen+" ("+why+")")
	} else {
		f.Broken(l.Where("daticert.xml"), address+": "+want+", because "+why, seen)
	}
}

func eachLabelled(v *View, look func(t *Transaction, l labelled)) {
	if v.Trust == nil || v.Trust.Directory == nil {
		return
	}
	for _, t := range accessSubmissions(v) {
		for _, l := range labelledOf(t) {
			look(t, l)
		}
	}
}

func letterCaseLabel(v *View, f *Findings) {
	eachLabelled(v, func(t *Transaction, l labelled) {
		for _, r := range distinct(t.recipients()) {
			record := v.Trust.Directory.RecordOfDomain(domainOf(r))
			if record != nil && !slices.Contains(record.ManagedDomains, domainOf(r)) {
				judgeLabel(v, f, l, r, "the directory lists the domain in another letter case")
			}
		}
	})
}

func copyLabel(v *View, f *Findings) {
	eachLabelled(v, func(t *Transaction, l labelled) {
		if t.Sent == nil {
			return
		}
		to, _ := addressesIn(t.Sent, "To")
		cc, _ := addressesIn(t.Sent, "Cc")
		var inTo, inCopy []string
		for _, r := range distinct(t.recipients()) {
			switch {
			case !v.certifiedFor(t, r):
			case lists(to, r):
				inTo = append(inTo, r)
			case lists(cc, r):
				inCopy = append(inCopy, r)
			}
		}
		if len(inTo) == 0 || len(inCopy) == 0 {
			return
		}
		for _, r := range inTo {
			judgeLabel(v, f, l, r, "it stands in To and its domain in the directory")
		}
		for _, r := range inCopy {
			judgeLabel(v, f, l, r, "it stands in Cc and its domain in the directory")
		}
	})
}

func mixedLabels(v *View, f *Findings) {
	eachLabelled(v, func(t *Transaction, l labelled) {
		all := distinct(t.recipients())
		certified := func(r string) bool { return v.certifiedFor(t, r) }
		if !slices.ContainsFunc(all, certified) || !slices.ContainsFunc(all, func(r string) bool { return !certified(r) }) {
			return
		}
		for _, r := range all {
			judgeLabel(v, f, l, r, "certified and ordinary recipients are mixed")
		}
		if l.data.Kind == pec.Acceptance {
			for _, wrong := range wrongTextLabels(l.data, all, certified) {
				f.Broken(l.Where("text"), wrong.expected, wrong.seen)
			}
		}
	})
}

func subdomainLabel(v *View, f *Findings) {
	eachLabelled(v, func(t *Transaction, l labelled) {
		for _, r := range distinct(t.recipients()) {
			domain := strings.ToLower(domainOf(r))
			if v.Trust.Directory.RecordOfDomain(domain) != nil {
				continue
			}
			for parent := domain; strings.Contains(parent, "."); {
				_, parent, _ = strings.Cut(parent, ".")
				if v.Trust.Directory.RecordOfDomain(parent) != nil {
					judgeLabel(v, f, l, r, "only "+parent+" is in the directory")
					break
				}
			}
		}
	})
}

// wrongTextLabels returns the recipients that the readable text of an
// acceptance does not give with their label.
func wrongTextLabels(m *pec.Message, recipients []string, certified func(string) bool) []problem {
	texts := readables(m)
	if len(texts) == 0 {
		return []problem{{part: "text", expected: "a readable text with a label for each recipient", seen: "none that can be read"}}
	}
	var wrong []problem
	for _, r := range recipients {
		want := "ordinaria"
		if certified(r) {
			want = "certificata"
		}
		got := labelsOf(texts[0].Text, r)
		if slices.Contains(got, want) && len(slices.Compact(slices.Clone(got))) == 1 {
			continue
		}
		seen := shown(texts[0].Text)
		if len(got) > 0 {
			seen = fmt.Sprintf("%s (\"posta %s\")", r, strings.Join(got, "\") and (\"posta "))
		}
		wrong = append(wrong, problem{part: "text", expected: fmt.Sprintf("%s (\"posta %s\")", r, want), seen: seen})
	}
	return wrong
}
