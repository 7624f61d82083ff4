package control

import (
	"net/http"
	"time"

	"github.com/collaudo/collaudo/simulator/accounts"
)

// accountAsk is what acts are asked with; each looks at its own fields.
type accountAsk struct {
	Months   int             `json:"months,omitempty"`
	At       time.Time       `json:"at,omitzero"`
	Auto     *bool           `json:"auto,omitempty"`
	Pays     *bool           `json:"pays,omitempty"`
	TaxCode  string          `json:"taxCode,omitempty"`
	Password string          `json:"password,omitempty"`
	State    accounts.State  `json:"state,omitempty"`
	Note     string          `json:"note,omitempty"`
	Holder   accounts.Holder `json:"holder,omitzero"`
	Plan     string          `json:"plan,omitempty"`
}

// accountAct is something done to a mailbox.
type accountAct struct {
	want string // how the body looks
	do   func(l Life, address string, a accountAsk, now time.Time) error
}

// accountActs are what can be done to a mailbox, by the last part of the path.
func accountActs() map[string]accountAct {
	return map[string]accountAct{
		"renew": {`{"months": 12}`, func(l Life, address string, a accountAsk, _ time.Time) error {
			return l.Lives().Renew(address, a.Months)
		}},
		"expire": {`{"at": INSTANT}, now when there is none`, func(l Life, address string, a accountAsk, now time.Time) error {
			if a.At.IsZero() {
				a.At = now
			}
			return l.Lives().SetExpiry(address, a.At)
		}},
		"renewal": {`{"auto": true, "pays": true}`, func(l Life, address string, a accountAsk, _ time.Time) error {
			return l.Lives().SetRenewal(address, a.Auto != nil && *a.Auto, a.Pays == nil || *a.Pays)
		}},
		"close": {`{"taxCode": "…"}`, func(l Life, address string, a accountAsk, _ time.Time) error {
			return l.Lives().Close(address, a.TaxCode)
		}},
		"repurchase": {`{"taxCode": "…", "password": "…", "months": 12}`, func(l Life, address string, a accountAsk, _ time.Time) error {
			return l.Lives().Repurchase(address, a.TaxCode, a.Password, a.Months)
		}},
		"lock": {`{"state": "locked-password"}`, func(l Life, address string, a accountAsk, _ time.Time) error {
			return l.Lives().Lock(address, a.State)
		}},
		"unlock": {`{}`, func(l Life, address string, _ accountAsk, _ time.Time) error { return l.Lives().Unlock(address) }},
		"suspend": {`{"note": "…"}`, func(l Life, address string, a accountAsk, _ time.Time) error {
			return l.Lives().Suspend(address, a.Note)
		}},
		"resume": {`{}`, func(l Life, address string, _ accountAsk, _ time.Time) error { return l.Lives().Resume(address) }},
		"password": {`{"password": "…"}`, func(l Life, address string, a accountAsk, _ time.Time) error {
			return l.Lives().SetPassword(address, a.Password, "by the provider")
		}},
		"holder": {`{"holder": {…}}`, func(l Life, address string, a accountAsk, _ time.Time) error {
			return l.Lives().SetHolder(address, a.Holder)
		}},
		"plan": {`{"plan": "pro"}`, func(l Life, address string, a accountAsk, _ time.Time) error { return l.SetPlan(address, a.Plan) }},
	}
}

// act does something to a mailbox and answers with how it stands then.
func (h *handler) act(rw http.ResponseWriter, r *http.Request, act accountAct) {
	var asked accountAsk
	if r.ContentLength != 0 && !decode(rw, r, maxBody, &asked, act.want) { // some acts have nothing to be told
		return
	}
	address := r.PathValue("address")
	l, err := h.world.LifeOf(address)
	if err == nil {
		err = act.do(l, address, asked, h.world.Now())
	}
	if err != nil {
		failLife(rw, err)
		return
	}
	h.account(rw, address)
}
