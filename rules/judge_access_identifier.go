package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
)

// identifierJudges answers for the PEC msgid and for the client's own
// (RFC 6109 2.2.1).
func identifierJudges() []Judge {
	return []Judge{
		{Rule: "PEC-AP-023", Looks: "identifiers of acceptances and transport envelopes: dot-atom@domain", Look: accessIdentifierForm},
		{Rule: "PEC-AP-024", Looks: "identifiers of all accepted submissions of the scenario: distinct", Look: identifiersDistinct},
		{
			Rule: "PEC-AP-025", Looks: "Message-ID of the envelope and of the enclosed original, when the client gave one: both the PEC msgid",
			Look: func(v *View, f *Findings) { messageIDReplaced(v, f, true) },
		},
		{Rule: "PEC-AP-026", Looks: "X-Riferimento-Message-ID in the enclosed original: the client's Message-ID", Look: referenceInOriginal},
		{Rule: "PEC-AP-027", Looks: "envelopes of submissions that bring certified mail headers of their own: none surfaces", Look: forgedHeaders},
		{
			Rule: "PEC-AP-038", Looks: "Message-ID of the enclosed original, when the client gave none: the PEC msgid",
			Look: func(v *View, f *Findings) { messageIDReplaced(v, f, false) },
		},
	}
}

// identifierPattern accepts any dot-atom on the left, as the field needs, and a
// domain of at least two labels on the right.
var identifierPattern = regexp.MustCompile("^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*@[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)+$")

const identifierExpected = "[string]@[mail domain or server name]"

func accessIdentifierForm(v *View, f *Findings) {
	for _, m := range v.OfKind(pec.Acceptance) {
		if c := m.PEC.Certification; c != nil {
			judgeIdentifier(v, f, m, "daticert.xml", strings.TrimSpace(c.Identifier))
		}
	}
	for _, e := range envelopesOfAccess(v) {
		id := strings.TrimSpace(e.Envelope.Root.Value("Message-ID"))
		if !strings.HasPrefix(id, "<") || !strings.HasSuffix(id, ">") {
			f.Broken(e.Where("header Message-ID"), "<"+identifierExpected+">", shown(id))
			continue
		}
		judgeIdentifier(v, f, e.Message, "header Message-ID", id[1:len(id)-1])
	}
}

func judgeIdentifier(v *View, f *Findings, m *Message, part, id string) {
	if !identifierPattern.MatchString(id) {
		f.Broken(m.Where(part), identifierExpected, shown(id))
		return
	}
	f.Holds(m.Where(part), id)
	if !v.certified(id) && len(v.Case.World.Providers) > 0 {
		f.Observes(m.Where(part), id+": its domain is not among those that a provider manages")
	}
}

// identifiersDistinct compares transactions; two envelopes of one transaction
// are the same envelope.
func identifiersDistinct(v *View, f *Findings) {
	owner := map[string]*Transaction{}
	accepted := 0
	for _, t := range accessSubmissions(v) {
		ids := identifiersOf(t)
		if len(ids) > 0 {
			accepted++
		}
		for _, id := range ids {
			if other := owner[id]; other != nil {
				f.Broken(t.Where("identifier"), "an identifier of its own for each message", fmt.Sprintf("%s and %s both got %s", other.ID, t.ID, id))
			}
			owner[id] = t
		}
	}
	if accepted > 1 && len(f.list) == 0 {
		f.Holds(Where{Part: "identifiers"}, fmt.Sprintf("%d accepted messages, all identifiers distinct", accepted))
	}
}

// identifiersOf returns the PEC msgids that the access point gave, each once.
func identifiersOf(t *Transaction) []string {
	var ids []string
	for _, m := range t.OfKind(pec.Acceptance) {
		if c := m.PEC.Certification; c != nil {
			ids = append(ids, bareID(c.Identifier))
		}
	}
	for _, e := range envelopesOf(t) {
		ids = append(ids, bareID(e.Envelope.Root.Value("Message-ID")))
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}

// accessEnvelopes returns the envelopes of submissions whose octets are known.
func accessEnvelopes(v *View) []envelopeSeen {
	var all []envelopeSeen
	for _, t := range accessSubmissions(v) {
		if t.Sent != nil {
			all = append(all, envelopesOf(t)...)
		}
	}
	return all
}

func messageIDReplaced(v *View, f *Findings, given bool) {
	for _, e := range accessEnvelopes(v) {
		client := e.Transaction.clientMessageID()
		if (client != "") != given || e.Envelope.Original == nil {
			continue
		}
		outer, inner := fold(e.Envelope.Root.Value("Message-ID")), fold(e.Envelope.Original.Value("Message-ID"))
		seen := fmt.Sprintf("envelope %s, enclosed original %s", shown(outer), shown(inner))
		switch {
		case outer != "" && outer == inner && outer != client:
			f.Holds(e.Where("header Message-ID"), seen)
		case given:
			f.Broken(e.Where("header Message-ID"), "one PEC msgid in both, in place of the client's "+client, seen)
		default:
			f.Broken(e.Where("header Message-ID"), "the PEC msgid in both, though the client gave no Message-ID", seen)
		}
	}
}

func referenceInOriginal(v *View, f *Findings) {
	for _, e := range accessEnvelopes(v) {
		client, original := e.Transaction.clientMessageID(), e.Envelope.Original
		if client == "" || original == nil {
			continue
		}
		values := original.Values(pec.HeaderReference)
		where := e.Where("postacert.eml header " + pec.HeaderReference)
		if slices.ContainsFunc(values, func(s string) bool { return fold(s) == client }) {
			f.Holds(where, client)
		} else {
			f.Broken(where, client, shownValues(values))
		}
	}
}

// forgedHeaders: a client may write certified mail headers into its message;
// they stay inside it.
func forgedHeaders(v *View, f *Findings) {
	for _, e := range accessEnvelopes(v) {
		sent, root := e.Transaction.Sent, e.Envelope.Root
		want := map[string][]string{
			pec.HeaderReceipt:   nil,
			pec.HeaderTransport: {"posta-certificata"},
			pec.HeaderSender:    nil,
			pec.HeaderReference: nil,
		}
		if client := e.Transaction.clientMessageID(); client != "" {
			want[pec.HeaderReference] = []string{client}
		}
		for _, name := range []string{pec.HeaderReceipt, pec.HeaderTransport, pec.HeaderSender, pec.HeaderReference} {
			if !sent.Has(name) {
				continue
			}
			got := root.Values(name)
			if same := slices.EqualFunc(got, want[name], func(a, b string) bool { return strings.EqualFold(fold(a), b) }); same {
				f.Holds(e.Where("header "+name), "the client's "+shown(sent.Value(name))+" did not surface")
				continue
			}
			expected := "no " + name
			if len(want[name]) > 0 {
				expected = name + ": " + want[name][0] + ", once"
			}
			f.Broken(e.Where("header "+name), expected, shownValues(got))
		}
	}
}
