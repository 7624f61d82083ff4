package certification

import "sync"

// The content model of RFC 6109 4.4, as data. testdata/postacert.dtd says the
// same in DTD syntax; a test keeps the two together.

// element says what may stand inside one element of the vocabulary.
type element struct {
	children   []particle // in this order; nil: no element children
	text       bool       // character data allowed
	attributes []attributeRule
}

// particle is one step of a sequence: so many elements of that name.
type particle struct {
	name     string
	min, max int // max 0: no upper bound
}

type attributeRule struct {
	name     string
	required bool
	values   []string // allowed values; nil: any
}

const rootElement = "postacert"

var (
	errorValues = []string{"nessuno", "no-dest", "no-dominio", "virus", "altro"}
	typeValues  = []string{
		"accettazione", "non-accettazione", "presa-in-carico", "avvenuta-consegna", "posta-certificata",
		"errore-consegna", "preavviso-errore-consegna", "rilevazione-virus",
	}
	recipientValues = []string{"certificato", "esterno"}
	receiptValues   = []string{"completa", "breve", "sintetica"}
)

var vocabulary = map[string]element{
	rootElement: {
		children: []particle{{"intestazione", 1, 1}, {"dati", 1, 1}},
		attributes: []attributeRule{
			{name: "tipo", required: true, values: typeValues},
			{name: "errore", values: errorValues},
		},
	},
	"intestazione": {children: []particle{{"mittente", 1, 1}, {"destinatari", 1, 0}, {"risposte", 1, 1}, {"oggetto", 0, 1}}},
	"mittente":     {text: true},
	"destinatari":  {text: true, attributes: []attributeRule{{name: "tipo", values: recipientValues}}},
	"risposte":     {text: true},
	"oggetto":      {text: true},
	"dati": {children: []particle{
		{"gestore-emittente", 1, 1},
		{"data", 1, 1},
		{"identificativo", 1, 1},
		{"msgid", 0, 1},
		{"ricevuta", 0, 1},
		{"consegna", 0, 1},
		{"ricezione", 0, 0},
		{"errore-esteso", 0, 1},
	}},
	"gestore-emittente": {text: true},
	"data": {
		children:   []particle{{"giorno", 1, 1}, {"ora", 1, 1}},
		attributes: []attributeRule{{name: "zona", required: true}},
	},
	"giorno":         {text: true},
	"ora":            {text: true},
	"identificativo": {text: true},
	"msgid":          {text: true},
	"ricevuta":       {attributes: []attributeRule{{name: "tipo", required: true, values: receiptValues}}},
	"consegna":       {text: true},
	"ricezione":      {text: true},
	"errore-esteso":  {text: true},
}

// deepest is how deep elements of the vocabulary stand in each other.
const deepest = 4

// usualNames returns the names of all elements and attributes.
var usualNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for name, e := range vocabulary {
		names[name] = name
		for _, a := range e.attributes {
			names[a.name] = a.name
		}
	}
	return names
})

// empty reports whether the element is declared EMPTY.
func (e element) empty() bool { return !e.text && e.children == nil }

func (e element) attribute(name string) (attributeRule, bool) {
	for _, rule := range e.attributes {
		if rule.name == name {
			return rule, true
		}
	}
	return attributeRule{}, false
}
