package control

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/journal"
	"github.com/collaudo/collaudo/simulator/provider"
	"github.com/collaudo/collaudo/simulator/tickets"
)

// LifeWorld shows and moves the lives of mailboxes.
type LifeWorld interface {
	// Lives returns the providers by name or service domain, all for "".
	Lives(provider string) ([]Life, error)
	// LifeOf returns the provider that manages the domain of an address.
	LifeOf(address string) (Life, error)
}

// Life is a provider as one who looks after its mailboxes' lives.
type Life interface {
	Name() string
	Usage(address string) (bytes, quota int64)
	Lives() *accounts.Directory
	Desk() *tickets.Desk
	SetPlan(address, plan string) error
	SearchLog(address string, q provider.LogQuery) (found []journal.Entry, ok bool, err error)
	LogExtract(address, messageID string) (provider.Extract, bool, error)
	Postmaster(postmaster, address, password string) error
	AskRecovery(address, taxCode string, channel accounts.Channel) error
	RecoverByHand(address, reporter, note string) (tickets.Ticket, error)
	GrantRecovery(id, operator string) (tickets.Ticket, error)
	Texts() ([]provider.SMS, error)
}

// Account is a mailbox with where it stands in its life.
type Account struct {
	Provider string `json:"provider"`
	accounts.Status
	Bytes int64 `json:"bytes"`
	Quota int64 `json:"quota,omitempty"` // 0: none
}

// NewAccount is a mailbox that is bought while the world runs.
type NewAccount struct {
	Address  string          `json:"address"`
	Password string          `json:"password"`
	Quota    int64           `json:"quota,omitempty"`
	Months   int             `json:"months,omitempty"` // until it expires; 0: never
	Holder   accounts.Holder `json:"holder,omitzero"`
}

// LifePolicies are the policies of a provider.
type LifePolicies struct {
	Provider string `json:"provider"`
	accounts.Policies
}

func (h *handler) lifeRoutes() []route {
	return slices.Concat(h.accountRoutes(), h.portalRoutes(), h.ticketRoutes())
}

// accountRoutes are what a provider's operator does; they ask for no password.
func (h *handler) accountRoutes() []route {
	list := []route{
		{"GET /v1/accounts", h.accounts},
		{"POST /v1/accounts", h.createAccount},
		{"GET /v1/accounts/{address}", func(rw http.ResponseWriter, r *http.Request) { h.account(rw, r.PathValue("address")) }},
		{"GET /v1/accounts/{address}/changes", h.accountChanges},
		{"GET /v1/accounts/{address}/log", h.accountLog},
		{"GET /v1/policies", h.policies},
		{"PUT /v1/policies", h.setPolicies},
		{"GET /v1/sms", h.texts},
	}
	for name, act := range accountActs() {
		list = append(list, route{"POST /v1/accounts/{address}/" + name, func(rw http.ResponseWriter, r *http.Request) { h.act(rw, r, act) }})
	}
	return list
}

// failLife answers an error about a mailbox's life.
func failLife(rw http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	for code, known := range map[int][]error{
		http.StatusNotFound:   {ErrNotFound, accounts.ErrUnknown, tickets.ErrUnknown},
		http.StatusConflict:   {accounts.ErrState, tickets.ErrState},
		http.StatusForbidden:  {accounts.ErrHolder, accounts.ErrRecovery, provider.ErrPostmaster},
		http.StatusBadRequest: {accounts.ErrPassword, accounts.ErrAsked, tickets.ErrAsked, tickets.ErrLimit, ErrInvalid},
	} {
		if slices.ContainsFunc(known, func(e error) bool { return errors.Is(err, e) }) {
			status = code
		}
	}
	fail(rw, status, err)
}

func accountOf(l Life, s accounts.Status) Account {
	a := Account{Provider: l.Name(), Status: s}
	a.Bytes, a.Quota = l.Usage(s.Address)
	return a
}

func (h *handler) account(rw http.ResponseWriter, address string) {
	l, err := h.world.LifeOf(address)
	if err != nil {
		failLife(rw, err)
		return
	}
	s, ok := l.Lives().Status(address)
	if !ok {
		failLife(rw, noAccount(address))
		return
	}
	write(rw, http.StatusOK, accountOf(l, s))
}

func (h *handler) accounts(rw http.ResponseWriter, r *http.Request) {
	q := asking(r, "provider", "state")
	if q.err != nil {
		fail(rw, http.StatusBadRequest, q.err)
		return
	}
	lives, err := h.world.Lives(q.text("provider"))
	if err != nil {
		failLife(rw, err)
		return
	}
	list := []Account{}
	for _, l := range lives {
		for _, s := range l.Lives().Statuses() {
			if state := q.text("state"); state == "" || strings.EqualFold(state, string(s.State)) {
				list = append(list, accountOf(l, s))
			}
		}
	}
	write(rw, http.StatusOK, list)
}

func (h *handler) createAccount(rw http.ResponseWriter, r *http.Request) {
	var asked NewAccount
	if !decode(rw, r, maxBody, &asked, `{"address", "password", …}`) {
		return
	}
	l, err := h.world.LifeOf(asked.Address)
	if err == nil {
		err = l.Lives().Create(accounts.Account{Address: asked.Address, Password: asked.Password, Quota: asked.Quota, Holder: asked.Holder}, asked.Months)
	}
	if err != nil {
		failLife(rw, err)
		return
	}
	s, _ := l.Lives().Status(asked.Address)
	write(rw, http.StatusCreated, accountOf(l, s))
}

func (h *handler) accountChanges(rw http.ResponseWriter, r *http.Request) {
	address := r.PathValue("address")
	l, err := h.world.LifeOf(address)
	if err != nil {
		failLife(rw, err)
		return
	}
	list, ok := l.Lives().Changes(address)
	if !ok {
		failLife(rw, noAccount(address))
		return
	}
	write(rw, http.StatusOK, list)
}

// accountLog is the search of an operator, who is asked for the log of a mailbox
// that its user cannot open any more.
func (h *handler) accountLog(rw http.ResponseWriter, r *http.Request) {
	address := r.PathValue("address")
	l, err := h.world.LifeOf(address)
	if err != nil {
		failLife(rw, err)
		return
	}
	h.searchLog(rw, r, l, address)
}

func (h *handler) searchLog(rw http.ResponseWriter, r *http.Request, l Life, address string) {
	q := asking(r, "since", "until", "messageId", "counterparty", "event", "subject", "limit")
	query := provider.LogQuery{
		Since: q.instant("since"), Until: q.instant("until"), MessageID: q.text("messageId"), Counterparty: q.text("counterparty"),
		Event: q.text("event"), Subject: q.text("subject"), Limit: int(q.number("limit", 0, 100_000)),
	}
	if q.err != nil {
		fail(rw, http.StatusBadRequest, q.err)
		return
	}
	found, ok, err := l.SearchLog(address, query)
	if err == nil && !ok {
		err = noAccount(address)
	}
	if err != nil {
		failLife(rw, err)
		return
	}
	write(rw, http.StatusOK, found)
}

func (h *handler) policies(rw http.ResponseWriter, r *http.Request) {
	lives, err := h.world.Lives(asked(r))
	if err != nil {
		failLife(rw, err)
		return
	}
	list := []LifePolicies{}
	for _, l := range lives {
		list = append(list, LifePolicies{l.Name(), l.Lives().Policies()})
	}
	write(rw, http.StatusOK, list)
}

func (h *handler) setPolicies(rw http.ResponseWriter, r *http.Request) {
	var given LifePolicies
	if !decode(rw, r, maxBody, &given, `{"provider", "policy", …}`) {
		return
	}
	lives, err := h.world.Lives(given.Provider)
	if err == nil && given.Provider == "" {
		err = errors.Join(ErrInvalid, errors.New("name the provider"))
	}
	if err == nil {
		err = lives[0].Lives().SetPolicies(given.Policies)
	}
	if err != nil {
		failLife(rw, err)
		return
	}
	write(rw, http.StatusOK, LifePolicies{lives[0].Name(), lives[0].Lives().Policies()})
}

// texts shows what was sent to telephones.
func (h *handler) texts(rw http.ResponseWriter, r *http.Request) {
	lives, err := h.world.Lives(asked(r))
	list := []provider.SMS{}
	for _, l := range lives {
		if err == nil {
			var own []provider.SMS
			own, err = l.Texts()
			list = append(list, own...)
		}
	}
	if err != nil {
		failLife(rw, err)
		return
	}
	write(rw, http.StatusOK, list)
}
