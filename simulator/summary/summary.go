// Package summary says in a few words what a message is: enough to choose it
// from a list or to wait for it.
//
// It believes what the message says of itself: no signature is verified, and no
// rule is asked. Who needs the message takes its octets.
package summary

import (
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// Ordinary is the kind of mail that bears no header of certified e-mail.
const Ordinary = "ordinary"

// Summary of a message. Fields that it does not have are empty.
type Summary struct {
	Kind       string   `json:"kind"`                 // as pec.Kind writes it, or Ordinary
	Virus      bool     `json:"virus,omitempty"`      // the variant for a virus of NonAcceptance and NonDelivery
	MessageID  string   `json:"messageId,omitempty"`  // its own, as it stands
	Reference  string   `json:"reference,omitempty"`  // X-Riferimento-Message-ID: the client's identifier of the original
	Identifier string   `json:"identifier,omitempty"` // PEC msgid, without brackets
	Sender     string   `json:"sender,omitempty"`     // who wrote the original; of ordinary mail, who is in From
	Recipients []string `json:"recipients,omitempty"` // of the original; of a receipt about one of them, that one
	Subject    string   `json:"subject,omitempty"`    // decoded
}

// Of reads a message, whatever it is.
func Of(octets []byte) Summary {
	m, err := pec.Read(octets)
	if err != nil {
		return Summary{Kind: Ordinary}
	}
	return of(m)
}

func of(m *pec.Message) Summary {
	s := Summary{
		Kind: m.Kind.String(), Virus: m.Virus,
		MessageID: strings.TrimSpace(m.Root.Value("Message-ID")),
		Reference: strings.TrimSpace(m.Root.Value("X-Riferimento-Message-ID")),
		Subject:   strings.TrimSpace(rawmime.DecodeWords(rawmime.Unfold(m.Root.Value("Subject")))),
	}
	if m.Kind == pec.Ordinary {
		s.Kind = Ordinary
	}
	if c := m.Certification; c != nil && m.Kind != pec.Ordinary {
		s.Identifier, s.Sender = strings.Trim(c.Identifier, "<>"), c.Sender
		if s.Reference == "" {
			s.Reference = c.MessageID
		}
		for _, r := range c.Recipients {
			s.Recipients = append(s.Recipients, r.Address)
		}
		switch {
		case c.HasDelivery && c.Delivery != "":
			s.Recipients = []string{c.Delivery}
		case len(c.Reception) > 0:
			s.Recipients = c.Reception
		}
		return s
	}
	if list := addresses(m.Root.Value("From")); len(list) > 0 {
		s.Sender = list[0]
	}
	for _, name := range []string{"To", "Cc"} {
		s.Recipients = append(s.Recipients, addresses(strings.Join(m.Root.Values(name), ", "))...)
	}
	return s
}

// addresses are those of a field; none when it cannot be read.
func addresses(value string) []string {
	list, err := pec.ParseAddressList(value)
	if err != nil {
		return nil
	}
	all := make([]string, len(list))
	for i, a := range list {
		all[i] = a.String()
	}
	return all
}

// Kinds are the names of all kinds.
func Kinds() []string {
	var all []string
	for k := pec.Ordinary; k <= pec.Unclear; k++ {
		all = append(all, k.String())
	}
	return all
}

// Kind returns the name of a kind, which may be asked for by that name in any
// letter case or by its token on the wire, such as avvenuta-consegna. What is
// neither is returned as it is: it will match nothing.
func Kind(asked string) string {
	if k, ok := pec.KindOfReceipt(asked); ok {
		return k.String()
	}
	if k, ok := pec.KindOfTransport(asked); ok {
		return k.String()
	}
	return asked
}
