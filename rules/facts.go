package rules

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/certification"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// What a judge works out by itself about a submission and about a message.
// These readers state facts; which fact a rule demands is said by its judge.
// The readable text is searched in facts_text.go.

// sender returns the reverse path of the submission, bare.
func (t *Transaction) sender() string { return pec.BareAddress(t.ReversePath) }

// recipients returns the bare addresses of the RCPT commands that were
// answered positively, in order; of an envelope of another provider those that
// its certification data list.
func (t *Transaction) recipients() []string {
	if t.listed != nil {
		return t.listed
	}
	var all []string
	for _, r := range t.Recipients {
		if r.Reply.OK() {
			all = append(all, pec.BareAddress(r.Address))
		}
	}
	return all
}

// subject returns the decoded subject that was submitted, white space folded;
// false when there was no Subject field (or nothing is known of the octets).
func (t *Transaction) subject() (string, bool) {
	if t.Sent == nil || !t.Sent.Has("Subject") {
		return "", false
	}
	return fold(rawmime.DecodeWords(t.Sent.Value("Subject"))), true
}

// clientMessageID returns the Message-ID that was submitted, angle brackets
// included; "" when there was none.
func (t *Transaction) clientMessageID() string {
	if t.Sent == nil {
		return ""
	}
	return fold(t.Sent.Value("Message-ID"))
}

// replies returns the addresses that replies go to: those of Reply-To, or the
// sender when there is none.
func (t *Transaction) replies() []string {
	if t.Sent != nil && t.Sent.Has("Reply-To") {
		if list, err := pec.ParseAddressList(t.Sent.Value("Reply-To")); err == nil && len(list) > 0 {
			return addressesOf(list)
		}
	}
	return []string{t.sender()}
}

// receiptType returns the kind of delivery receipt that the sender asked for,
// completa when nothing (or an unknown value, decision D-16) was asked, and
// whether the field was there.
func (t *Transaction) receiptType() (token string, asked bool) {
	if t.Sent == nil || !t.Sent.Has(pec.HeaderReceiptType) {
		return "completa", false
	}
	switch token := strings.ToLower(t.Sent.Value(pec.HeaderReceiptType)); token {
	case "breve", "sintetica":
		return token, true
	default:
		return "completa", true
	}
}

// receiptTypes returns every kind of delivery receipt that a provider may have
// read in the submission: where the field is repeated, or differs from a known
// value in letter case only, it may as well be an unknown value (D-16).
func (t *Transaction) receiptTypes() []string {
	first, asked := t.receiptType()
	types := []string{first}
	if !asked {
		return types
	}
	values := t.Sent.Values(pec.HeaderReceiptType)
	for _, value := range values {
		if token := strings.ToLower(value); token == "breve" || token == "sintetica" {
			types = append(types, token)
		}
	}
	if len(values) > 1 || strings.ToLower(values[0]) != values[0] {
		types = append(types, "completa")
	}
	return types
}

// envelopeIdentifier returns the PEC msgid of the transaction's transport
// envelope without angle brackets: its Message-ID; "" when none was seen.
func (t *Transaction) envelopeIdentifier() string {
	for _, m := range t.OfKind(pec.TransportEnvelope) {
		if id := bareID(m.PEC.Root.Value("Message-ID")); id != "" {
			return id
		}
	}
	return ""
}

// envelopeIdentifiers returns the PEC msgids of all transport envelopes of the
// transaction, without angle brackets, each once.
func (t *Transaction) envelopeIdentifiers() []string {
	var all []string
	for _, m := range t.OfKind(pec.TransportEnvelope) {
		if id := bareID(m.PEC.Root.Value("Message-ID")); id != "" && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

// certifiedInstant returns the instant that certification data state.
func certifiedInstant(c *certification.Data) (time.Time, error) {
	return parseInstant(c.Day, c.Time, c.Zone)
}

// parseInstant reads dd/mm/yyyy, hh:mm:ss and +hhmm (or +hh:mm). A leap second
// (…:59:60) is the second after …:59:59 (rule TIM-003).
func parseInstant(day, clock, zone string) (time.Time, error) {
	clock = fold(clock)
	var leap time.Duration
	if strings.HasSuffix(clock, ":59:60") {
		clock, leap = strings.TrimSuffix(clock, "60")+"59", time.Second
	}
	at, err := time.Parse("02/01/2006 15:04:05 -0700", fold(day)+" "+clock+" "+strings.Replace(fold(zone), ":", "", 1))
	if err != nil {
		return time.Time{}, fmt.Errorf("%q %q %q is not dd/mm/yyyy, hh:mm:ss, +hhmm", day, clock, zone)
	}
	return at.Add(leap), nil
}

// headerInstant returns the instant of the Date field.
func headerInstant(e *rawmime.Entity) (time.Time, error) {
	return mail.ParseDate(e.Value("Date"))
}

// encloses tells whether messages of the kind are meant to enclose the original.
func encloses(kind pec.Kind) bool {
	return kind == pec.TransportEnvelope || kind == pec.AnomalyEnvelope || kind == pec.Delivery
}

// addressOf returns the bare address of the first mailbox in a header value,
// "" when it cannot be read.
func addressOf(header string) string {
	list, err := pec.ParseAddressList(header)
	if err != nil || len(list) == 0 {
		return ""
	}
	return list[0].String()
}

func addressesOf(list []pec.Address) []string {
	var all []string
	for _, a := range list {
		all = append(all, a.String())
	}
	return all
}

// holdsAddress tells whether the address is in the list.
func holdsAddress(list []string, address string) bool {
	return slices.ContainsFunc(list, func(a string) bool {
		return pec.SameAddress(pec.BareAddress(a), pec.BareAddress(address))
	})
}

// sameAddresses tells whether two lists hold the same addresses, in any order.
func sameAddresses(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	left := slices.Clone(b)
	for _, x := range a {
		i := slices.IndexFunc(left, func(y string) bool { return pec.SameAddress(pec.BareAddress(x), pec.BareAddress(y)) })
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return true
}

// certified tells whether the address is one of certified e-mail: its domain
// is managed by a provider of the directory, or of the world when no directory
// was seen.
func (v *View) certified(address string) bool {
	if v.Trust != nil && v.Trust.Directory != nil {
		return v.Trust.Directory.RecordOfDomain(domainOf(address)) != nil
	}
	return v.Case.ProviderOf(address) != nil
}

// domainOf returns what follows the last @ of an address.
func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// bareID strips white space and angle brackets from a message identifier.
func bareID(id string) string {
	return strings.TrimSuffix(strings.TrimPrefix(fold(id), "<"), ">")
}

// fold joins runs of white space, control characters among them, to one blank
// and trims: how texts are compared where only white space may differ.
func fold(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == 0xa0 }), " ")
}

// unfolded makes white space at folding points one blank: where a line is
// folded is no part of the value.
func unfolded(values []string) []string {
	folded := make([]string, len(values))
	for i, v := range values {
		folded[i] = fold(v)
	}
	return folded
}

// shown renders a value for a person: quoted, cut when long.
func shown(s string) string {
	if r := []rune(s); len(r) > 160 {
		s = string(r[:160]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// shownList renders a list of addresses for a person.
func shownList(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// shownValues renders the values of a field for a person.
func shownValues(values []string) string {
	all := make([]string, 0, len(values))
	for _, value := range values {
		all = append(all, shown(value))
	}
	if len(all) == 0 {
		return "no such field"
	}
	return strings.Join(all, ", ")
}
