package rules

import (
	"regexp"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
)

// What certification data say of failures: errore and errore-esteso.
func certificationErrorJudges() []Judge {
	return []Judge{
		certifiedBy("PEC-XML-004", "postacert@errore", judgeErrorValue),
		certifiedBy("PEC-XML-005", "postacert@errore against postacert@tipo", judgeErrorPlace),
		certifiedBy("PEC-XML-019", "errore-esteso against postacert@errore", judgeExtendedError),
		certifiedBy("PEC-XML-020", "the event code in errore-esteso and in the readable text of non-delivery", judgeEventCode, pec.NonDelivery),
	}
}

// errorOf returns postacert@errore, nessuno when it is absent.
func errorOf(root *dataNode) string {
	if value, ok := root.attribute("", "errore"); ok {
		return value
	}
	return "nessuno"
}

func judgeErrorValue(_ *View, m *Message, root *dataNode, f *Findings) {
	values := []string{"nessuno", "no-dest", "no-dominio", "virus", "altro"}
	where := m.Where("daticert.xml")
	if seen := errorOf(root); !slices.Contains(values, seen) {
		f.Broken(where, "postacert@errore one of "+strings.Join(values, ", "), shown(seen))
		return
	}
	f.Holds(where, "errore="+errorOf(root))
}

func judgeErrorPlace(_ *View, m *Message, root *dataNode, f *Findings) {
	kind, _ := root.attribute("", "tipo")
	seen := errorOf(root)
	var places []string
	switch seen {
	case "no-dest", "no-dominio":
		places = []string{"errore-consegna"}
	case "virus":
		places = []string{"errore-consegna", "non-accettazione", "rilevazione-virus"} // decision D-18
	default:
		return
	}
	where := m.Where("daticert.xml")
	if !slices.Contains(places, kind) {
		f.Broken(where, "errore="+seen+" only with tipo "+strings.Join(places, ", "), "tipo="+shown(kind))
		return
	}
	f.Holds(where, "errore="+seen+" with tipo "+kind)
}

func judgeExtendedError(_ *View, m *Message, root *dataNode, f *Findings) {
	where := m.Where("daticert.xml")
	text, ok := root.text("dati/errore-esteso")
	seen := errorOf(root)
	given := ok && fold(text) != ""
	switch {
	case m.PEC.Kind == pec.Delay: // open question Q-07: errore is not fixed there
		f.Observes(where, "errore="+seen+", errore-esteso "+shown(text))
	case seen != "nessuno" && !given:
		f.Broken(where, "errore-esteso with a short reason, since errore is "+seen, "none in the "+about(m))
	case seen == "nessuno" && ok:
		f.Broken(where, "no errore-esteso, since errore is nessuno", shown(text))
	default:
		f.Holds(where, "errore="+seen+", errore-esteso "+shown(text))
	}
}

var (
	eventCode = regexp.MustCompile(`(?:^|[^0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[^0-9.]|\.?$|\.\s)`)
	codeFirst = regexp.MustCompile(`^\s*([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[^0-9.]|$)`)
)

// judgeEventCode: what is missing is forgiven (open question Q-03), what
// contradicts itself is not.
func judgeEventCode(_ *View, m *Message, root *dataNode, f *Findings) {
	text, _ := root.text("dati/errore-esteso")
	if fold(text) == "" {
		return // PEC-XML-019
	}
	const expected = "an event code first, such as \"5.1.1 - provider - reason\", in errore-esteso and in the readable text"
	code := codeFirst.FindStringSubmatch(text)
	if code == nil {
		f.Deviates(m.Where("daticert.xml"), expected, "errore-esteso "+shown(text))
		return
	}
	texts := readables(m.PEC)
	if len(texts) == 0 {
		return
	}
	body := texts[0].Text
	if subject := fold(subjectAside(m)); subject != "" {
		body = strings.ReplaceAll(body, subject, " … ")
	}
	if strings.Contains(body, code[1]) {
		f.Holds(m.Where("daticert.xml"), code[1])
		return
	}
	if other := eventCode.FindStringSubmatch(body); other != nil {
		f.Broken(m.Where(texts[0].Part), "the code of errore-esteso, "+code[1], other[1]+" in the readable text")
		return
	}
	f.Deviates(m.Where(texts[0].Part), expected, code[1]+" in errore-esteso, no code in the readable text")
}
