package control

import (
	"errors"
	"net/http"

	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/reserved"
)

// ScriptWorld is what the interface does to have a world misbehave, for one
// provider, recipient or message.
type ScriptWorld interface {
	// Rules are the rules that are on.
	Rules() []faults.Rule
	// SwitchOn switches a rule on. ErrInvalid, ErrNotFound for its provider.
	SwitchOn(r faults.Rule) (faults.Rule, error)
	// SwitchOff switches a rule off by its id. ErrNotFound.
	SwitchOff(id string) error
	SwitchAllOff()
	// Inject puts a message into the world. ErrInvalid, ErrNotFound.
	Inject(i Injection) (Injected, error)
	// Recipients is the table of reserved recipients; empty where they are off.
	Recipients() []reserved.Group
}

// Ways by which an injected message comes.
const (
	ViaMailbox  = "mailbox"  // put into the mailboxes as it is, past every check
	ViaIncoming = "incoming" // sent by the provider's relay to the incoming points
)

// Injection is a message to put into the world: Kind composed by a provider, or
// Octets as they are. What is left empty is made up.
type Injection struct {
	Provider string   `json:"provider,omitempty"` // who composes or sends it, by name or service domain; by default that of the first of To
	Kind     string   `json:"kind,omitempty"`     // one of the kinds of GET /v1/faults/catalogue
	Octets   []byte   `json:"octets,omitempty"`
	To       []string `json:"to"`            // mailboxes, or SMTP recipients
	Via      string   `json:"via,omitempty"` // ViaMailbox (default) or ViaIncoming
	Folder   string   `json:"folder,omitempty"`

	ReversePath string `json:"reversePath,omitempty"` // of Octets

	// What a composed message is about.
	Sender      string       `json:"sender,omitempty"`
	Recipients  []string     `json:"recipients,omitempty"`
	Recipient   string       `json:"recipient,omitempty"` // the one that a receipt is about
	Subject     string       `json:"subject,omitempty"`
	MessageID   string       `json:"messageId,omitempty"`  // the client's, with angle brackets
	Identifier  string       `json:"identifier,omitempty"` // the PEC msgid
	ReceiptType string       `json:"receiptType,omitempty"`
	Original    []byte       `json:"original,omitempty"`
	Error       string       `json:"error,omitempty"` // no-dest, no-dominio or altro
	Code        string       `json:"code,omitempty"`  // such as 5.1.1
	Reason      string       `json:"reason,omitempty"`
	Found       string       `json:"found,omitempty"` // the virus
	Acts        []faults.Act `json:"acts,omitempty"`  // what is wrong with it
}

// Injected is what became of an Injection.
type Injected struct {
	Provider   string         `json:"provider"`
	MessageID  string         `json:"messageId,omitempty"`
	Identifier string         `json:"identifier,omitempty"`
	Reference  string         `json:"reference,omitempty"`
	SHA256     string         `json:"sha256,omitempty"` // of octets put into mailboxes
	Mailboxes  []InjectedInto `json:"mailboxes,omitempty"`
}

// InjectedInto is where a message was put.
type InjectedInto struct {
	Mailbox string `json:"mailbox"`
	Folder  string `json:"folder"`
	UID     uint32 `json:"uid"`
}

// FaultCatalogue is what rules may name.
type FaultCatalogue struct {
	Faults        []CatalogueEntry `json:"faults"`
	Personalities []CatalogueEntry `json:"personalities"`
	Kinds         []string         `json:"kinds"`
}

// CatalogueEntry is a fault or a personality.
type CatalogueEntry struct {
	ID     string   `json:"id"` // as a rule names it
	Title  string   `json:"title"`
	Family string   `json:"family,omitempty"`
	Kinds  []string `json:"kinds,omitempty"`
}

// maxInjection is the largest body of an injection: a message of 30 MB, encoded.
const maxInjection = 48 << 20

func (h *handler) scriptRoutes() []route {
	return []route{
		{"GET /v1/faults", func(rw http.ResponseWriter, _ *http.Request) { answer(rw)(h.world.Rules(), nil) }},
		{"POST /v1/faults", h.switchOn},
		{"DELETE /v1/faults", func(rw http.ResponseWriter, _ *http.Request) {
			h.world.SwitchAllOff()
			rw.WriteHeader(http.StatusNoContent)
		}},
		{"DELETE /v1/faults/{id}", h.switchOff},
		{"GET /v1/faults/catalogue", func(rw http.ResponseWriter, _ *http.Request) { answer(rw)(faultCatalogue(), nil) }},
		{"POST /v1/inject", h.inject},
		{"GET /v1/recipients", func(rw http.ResponseWriter, _ *http.Request) { answer(rw)(h.world.Recipients(), nil) }},
	}
}

// switchOn answers POST /v1/faults: 201 with the rule, 400 for one that cannot
// be.
func (h *handler) switchOn(rw http.ResponseWriter, r *http.Request) {
	var rule faults.Rule
	if !decode(rw, r, maxBody, &rule, `{"fault": ID} or {"act": {"at", "do", "with"}}, with what it is limited to`) {
		return
	}
	on, err := h.world.SwitchOn(rule)
	if err != nil {
		scriptFailed(rw, err)
		return
	}
	write(rw, http.StatusCreated, on)
}

func (h *handler) switchOff(rw http.ResponseWriter, r *http.Request) {
	if err := h.world.SwitchOff(r.PathValue("id")); err != nil {
		scriptFailed(rw, err)
		return
	}
	rw.WriteHeader(http.StatusNoContent)
}

// inject answers POST /v1/inject: 200 with what became of it.
func (h *handler) inject(rw http.ResponseWriter, r *http.Request) {
	var i Injection
	if !decode(rw, r, maxInjection, &i, `{"kind": KIND or "octets": base64, "to": [ADDRESS], …}`) {
		return
	}
	made, err := h.world.Inject(i)
	if err != nil {
		scriptFailed(rw, err)
		return
	}
	write(rw, http.StatusOK, made)
}

func scriptFailed(rw http.ResponseWriter, err error) {
	if errors.Is(err, ErrInvalid) {
		fail(rw, http.StatusBadRequest, err)
		return
	}
	answer(rw)(nil, err)
}

func faultCatalogue() FaultCatalogue {
	c := FaultCatalogue{Faults: []CatalogueEntry{}, Personalities: []CatalogueEntry{}, Kinds: faults.Kinds()}
	for _, f := range faults.Catalogue() {
		c.Faults = append(c.Faults, CatalogueEntry{ID: f.ID, Title: f.Title, Family: f.Family, Kinds: f.Kinds})
	}
	for _, p := range faults.Personalities() {
		c.Personalities = append(c.Personalities, CatalogueEntry{ID: faults.PersonalityPrefix + p.ID, Title: p.Title})
	}
	return c
}
