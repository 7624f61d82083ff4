package provider

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/simulator/compose"
)

// maxLine is the longest line of RFC 5322 2.1.1, without its line end.
const maxLine = 998

// accessCheck is one formal check of RFC 6109 3.1.1. problem gives the reason
// for a refusal, in Italian as the user reads it, or "". Each check looks at
// its own matter only: where another one already has its reason (a From that
// cannot be read), it finds nothing.
type accessCheck struct {
	name    string
	code    string // enhanced status code
	problem func(p *Provider, s *submission) string
}

// accessChecks are the formal checks, in the order in which reasons are given.
// The virus check follows them, by its own name (access/virus).
var accessChecks = []accessCheck{
	{"mailbox-state", "5.7.1", sendsByNotice},
	{"rfc5322-breaches", "5.6.0", breaches},
	{"from-missing", "5.6.0", func(_ *Provider, s *submission) string {
		return when(!s.entity.Has("From"), "il campo From del messaggio è assente")
	}},
	{"from-malformed", "5.6.0", func(_ *Provider, s *submission) string {
		if !s.entity.Has("From") {
			return ""
		}
		value := s.entity.Value("From")
		from, err := pec.ParseAddressList(value)
		return when(err != nil || len(from) == 0 || grouped(value), "il campo From del messaggio non contiene un indirizzo valido")
	}},
	{"from-several", "5.6.0", func(_ *Provider, s *submission) string {
		return when(len(list(s.entity, "From")) > 1, "il campo From del messaggio contiene più di un indirizzo")
	}},
	{"to-missing", "5.6.0", func(_ *Provider, s *submission) string {
		return when(!s.entity.Has("To"), "il campo To del messaggio è assente")
	}},
	{"to-malformed", "5.6.0", destinations},
	{"reverse-path-differs", "5.7.1", func(p *Provider, s *submission) string {
		from := list(s.entity, "From")
		return when(len(from) == 1 && !p.sameSender(from[0], s.t.ReversePath),
			"l'indirizzo nel campo From del messaggio è diverso dal mittente della busta SMTP")
	}},
	{"hidden-recipient", "5.7.1", hidden},
	{"bcc-with-value", "5.7.1", func(_ *Provider, s *submission) string {
		filled := func(v string) bool { return strings.TrimSpace(v) != "" }
		return when(slices.ContainsFunc(s.entity.Values("Bcc"), filled),
			"il messaggio contiene destinatari in copia nascosta (campo Bcc)")
	}},
	{"size-times-recipients", "5.2.3", func(p *Provider, s *submission) string {
		total := int64(len(s.octets)) * int64(len(s.recipients))
		return when(total > p.mostInAll(), fmt.Sprintf(
			"la dimensione del messaggio moltiplicata per il numero dei destinatari è di %d byte e supera il limite di %d", total, p.mostInAll()))
	}},
}

// formal goes through the checks; all of them must hold.
func (p *Provider) formal(s *submission) (compose.Reason, bool) {
	for _, check := range accessChecks {
		problem := check.problem(p, s)
		if s.faults.Check("access/"+check.name, problem == "") {
			continue
		}
		if problem == "" { // only a fault refuses without a reason
			problem = "il messaggio non è conforme"
		}
		return compose.Reason{Code: check.code, Text: problem}, false
	}
	return compose.Reason{}, true
}

func when(broken bool, reason string) string {
	if broken {
		return reason
	}
	return ""
}

// list returns the bare addresses of all fields of that name, nil when there
// is none or they cannot be read.
func list(e *rawmime.Entity, name string) []string {
	var all []string
	for _, value := range e.Values(name) {
		parsed, err := pec.ParseAddressList(value)
		if err != nil {
			return nil
		}
		for _, a := range parsed {
			all = append(all, a.String())
		}
	}
	return all
}

// grouped tells whether an address field holds a group, which RFC 5322 3.6.2
// does not allow in From: a colon outside quotes, comments and brackets.
func grouped(value string) bool {
	comments, quoted, bracket := 0, false, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\':
			i++
		case quoted:
			quoted = c != '"'
		case c == '(':
			comments++
		case c == ')' && comments > 0:
			comments--
		case comments > 0:
		case c == '"':
			quoted = true
		case c == '<', c == '[':
			bracket = true
		case c == '>', c == ']':
			bracket = false
		case c == ':' && !bracket:
			return true
		}
	}
	return false
}

// destinations wants at least one address in To, and a Cc that can be read.
func destinations(_ *Provider, s *submission) string {
	if !s.entity.Has("To") {
		return ""
	}
	addresses := 0
	for _, value := range s.entity.Values("To") {
		to, err := pec.ParseAddressList(value)
		if err != nil {
			return "il campo To del messaggio non è valido"
		}
		addresses += len(to)
	}
	if addresses == 0 {
		return "il campo To del messaggio non contiene alcun indirizzo"
	}
	for _, value := range s.entity.Values("Cc") {
		if strings.TrimSpace(value) == "" {
			continue
		}
		if _, err := pec.ParseAddressList(value); err != nil {
			return "il campo Cc del messaggio non è valido"
		}
	}
	return ""
}

// hidden finds a recipient of the SMTP envelope that neither To nor Cc names.
// When neither can be read there is another reason to refuse.
func hidden(_ *Provider, s *submission) string {
	named := append(list(s.entity, "To"), list(s.entity, "Cc")...)
	if len(named) == 0 {
		return ""
	}
	for _, r := range s.recipients {
		if !slices.ContainsFunc(named, func(n string) bool { return sameAddress(n, r) }) {
			return "il destinatario " + r + " non compare nei campi To e Cc del messaggio"
		}
	}
	return ""
}

// breaches finds what RFC 5322 forbids and could not be certified unaltered. A
// missing Date is not among them: submission services supply it.
func breaches(_ *Provider, s *submission) string {
	for _, name := range []string{"From", "To", "Subject", "Message-ID"} {
		if len(s.entity.Lookup(name)) > 1 {
			return "il campo " + name + " compare più di una volta"
		}
	}
	for _, f := range s.entity.Findings {
		if f.Code == "header-line-without-colon" && f.Offset < s.entity.BodyStart {
			return "l'intestazione del messaggio contiene una riga che non è un campo"
		}
	}
	return lines(s.octets)
}

// lines looks at line ends and lengths. A line end that is not CRLF would be
// repaired by some host on the way, and break the signature.
func lines(octets []byte) string {
	for start := 0; start < len(octets); {
		n := bytes.IndexByte(octets[start:], '\n')
		line, next := octets[start:], len(octets)
		if n >= 0 {
			if line, next = octets[start:start+n], start+n+1; !bytes.HasSuffix(line, []byte("\r")) {
				return "il messaggio contiene una riga che non termina con CR LF"
			}
			line = line[:len(line)-1]
		}
		if bytes.IndexByte(line, '\r') >= 0 {
			return "il messaggio contiene un carattere CR isolato"
		}
		if len(line) > maxLine {
			return fmt.Sprintf("il messaggio contiene una riga di %d caratteri: il limite è %d", len(line), maxLine)
		}
		start = next
	}
	return ""
}
