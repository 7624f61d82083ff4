package control

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/journal"
)

// The portal is what users and holders themselves can do: unlike the rest of
// the interface it asks for the mailbox's own password, by HTTP Basic, or for
// nothing where somebody has lost it.

// recoveryAnswer is what whoever asks for a password is told, whatever is true
// of the address.
const recoveryAnswer = "if the data are those of a holder, instructions are on their way"

func (h *handler) portalRoutes() []route {
	return []route{
		{"GET /v1/portal/status", h.signedIn(h.portalStatus)},
		{"GET /v1/portal/log", h.signedIn(func(rw http.ResponseWriter, r *http.Request, l Life, address string) { h.searchLog(rw, r, l, address) })},
		{"GET /v1/portal/log/extract", h.signedIn(portalExtract)},
		{"POST /v1/portal/password", h.signedIn(portalPassword)},
		{"GET /v1/portal/postmaster/accounts", h.signedIn(postmasterAccounts)},
		{"POST /v1/portal/postmaster/password", h.signedIn(postmasterPassword)},
		{"POST /v1/portal/recovery", h.askRecovery},
		{"POST /v1/portal/recovery/{token}", h.redeem},
		{"POST /v1/portal/code", h.redeemCode},
		{"GET /v1/portal/question", h.question},
		{"POST /v1/portal/answer", h.answerQuestion},
		{"POST /v1/portal/manual", h.manual},
	}
}

// signedIn lets in who knows a mailbox's password, as far as its state lets them.
func (h *handler) signedIn(serve func(http.ResponseWriter, *http.Request, Life, string)) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		l, err := h.world.LifeOf(user)
		if err == nil {
			if a, ok := l.Lives().SignIn(user, password, r.RemoteAddr); ok && !a.Service {
				serve(rw, r, l, a.Address)
				return
			}
		}
		rw.Header().Set("WWW-Authenticate", `Basic realm="portal", charset="UTF-8"`)
		fail(rw, http.StatusUnauthorized, errors.New("sign in with the address and the password of a mailbox"))
	}
}

func (h *handler) portalStatus(rw http.ResponseWriter, _ *http.Request, _ Life, address string) {
	h.account(rw, address)
}

func portalExtract(rw http.ResponseWriter, r *http.Request, l Life, address string) {
	q := asking(r, "messageId")
	id := q.text("messageId")
	if q.err != nil || id == "" {
		fail(rw, http.StatusBadRequest, errors.Join(q.err, fmt.Errorf("messageId=%q: want the identifier of the message", id)))
		return
	}
	e, ok, err := l.LogExtract(address, id)
	if err == nil && !ok {
		err = noAccount(address)
	}
	if err != nil {
		failLife(rw, err)
		return
	}
	write(rw, http.StatusOK, LogExtract{
		Provider: l.Name(), Address: address, MessageID: id, Entries: append([]journal.Entry{}, e.Entries...), Octets: e.Octets,
	})
}

func portalPassword(rw http.ResponseWriter, r *http.Request, l Life, address string) {
	var asked struct {
		Password string `json:"password"`
	}
	if !decode(rw, r, maxBody, &asked, `{"password": "…"}`) {
		return
	}
	done(rw, l.Lives().SetPassword(address, asked.Password, "by the user"))
}

func postmasterAccounts(rw http.ResponseWriter, _ *http.Request, l Life, address string) {
	list := []Account{}
	for _, s := range l.Lives().Under(address) {
		list = append(list, accountOf(l, s))
	}
	write(rw, http.StatusOK, list)
}

func postmasterPassword(rw http.ResponseWriter, r *http.Request, l Life, postmaster string) {
	var asked struct {
		Address  string `json:"address"`
		Password string `json:"password"`
	}
	if !decode(rw, r, maxBody, &asked, `{"address": "…", "password": "…"}`) {
		return
	}
	done(rw, l.Postmaster(postmaster, asked.Address, asked.Password))
}

// done answers 204, or the error.
func done(rw http.ResponseWriter, err error) {
	if err != nil {
		failLife(rw, err)
		return
	}
	rw.WriteHeader(http.StatusNoContent)
}

// taken answers whoever asks for a password: always the same.
func taken(rw http.ResponseWriter, err error) {
	if err != nil {
		failLife(rw, err)
		return
	}
	write(rw, http.StatusAccepted, map[string]string{"message": recoveryAnswer})
}

func (h *handler) askRecovery(rw http.ResponseWriter, r *http.Request) {
	var asked struct {
		Address string           `json:"address"`
		TaxCode string           `json:"taxCode"`
		Channel accounts.Channel `json:"channel"`
	}
	if !decode(rw, r, maxBody, &asked, `{"address", "taxCode", "channel": "email" or "sms"}`) {
		return
	}
	l, err := h.world.LifeOf(asked.Address)
	if err != nil { // a domain that nobody has here is answered as an address that nobody has
		taken(rw, nil)
		return
	}
	taken(rw, l.AskRecovery(asked.Address, asked.TaxCode, asked.Channel))
}

// redeem sets a password by a token, which any of the providers may have given.
func (h *handler) redeem(rw http.ResponseWriter, r *http.Request) {
	var asked struct {
		Password string `json:"password"`
	}
	if !decode(rw, r, maxBody, &asked, `{"password": "…"}`) {
		return
	}
	lives, err := h.world.Lives("")
	if err == nil {
		err = accounts.ErrRecovery
	}
	for _, l := range lives {
		if _, err = l.Lives().Redeem(r.PathValue("token"), asked.Password); !errors.Is(err, accounts.ErrRecovery) {
			break
		}
	}
	done(rw, err)
}

func (h *handler) redeemCode(rw http.ResponseWriter, r *http.Request) {
	var asked struct {
		Address  string `json:"address"`
		Code     string `json:"code"`
		Password string `json:"password"`
	}
	if !decode(rw, r, maxBody, &asked, `{"address", "code", "password"}`) {
		return
	}
	l, err := h.world.LifeOf(asked.Address)
	if err != nil {
		done(rw, accounts.ErrRecovery)
		return
	}
	done(rw, l.Lives().RedeemCode(asked.Address, asked.Code, asked.Password))
}

func (h *handler) question(rw http.ResponseWriter, r *http.Request) {
	q := asking(r, "address")
	l, err := h.world.LifeOf(q.text("address"))
	if q.err != nil || err != nil { // there is no mailbox of that domain, which is no secret
		fail(rw, http.StatusBadRequest, errors.Join(q.err, err))
		return
	}
	text, err := l.Lives().Question(q.text("address"))
	if err != nil {
		failLife(rw, err)
		return
	}
	write(rw, http.StatusOK, map[string]string{"question": text})
}

func (h *handler) answerQuestion(rw http.ResponseWriter, r *http.Request) {
	var asked struct {
		Address string `json:"address"`
		TaxCode string `json:"taxCode"`
		Answer  string `json:"answer"`
	}
	if !decode(rw, r, maxBody, &asked, `{"address", "taxCode", "answer"}`) {
		return
	}
	l, err := h.world.LifeOf(asked.Address)
	if err != nil {
		done(rw, accounts.ErrRecovery)
		return
	}
	token, err := l.Lives().Answer(asked.Address, asked.TaxCode, asked.Answer)
	if err != nil {
		failLife(rw, err)
		return
	}
	write(rw, http.StatusOK, map[string]string{"token": token})
}

// manual is a request that is dealt with by hand, some working days later.
func (h *handler) manual(rw http.ResponseWriter, r *http.Request) {
	var asked struct {
		Address  string `json:"address"`
		Reporter string `json:"reporter"`
		Note     string `json:"note"`
	}
	if !decode(rw, r, maxBody, &asked, `{"address", "reporter", "note"}`) {
		return
	}
	l, err := h.world.LifeOf(asked.Address)
	if err != nil {
		taken(rw, nil)
		return
	}
	_, err = l.RecoverByHand(asked.Address, asked.Reporter, asked.Note)
	taken(rw, err)
}

func noAccount(address string) error { return fmt.Errorf("%w: %s", accounts.ErrUnknown, address) }
