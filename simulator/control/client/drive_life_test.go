package client_test

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/control/client"
	"github.com/collaudo/collaudo/simulator/provider"
)

const (
	nina     = "nina@borea.example"
	ninaCode = "NNNNNA80A41H501X"
	domain   = "archivio-borea.example"
)

// as is a client that signs in to the portal.
func (w *world) as(t *testing.T, address, password string) *client.Client {
	t.Helper()
	var d struct {
		ControlURL string `json:"controlURL"`
	}
	if err := w.World(t.Context(), &d); err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse(d.ControlURL)
	if err != nil {
		t.Fatal(err)
	}
	base.User = url.UserPassword(address, password)
	return client.New(base.String(), client.Over(&http.Client{Transport: w.checked}))
}

// call asks for an operation that has no method of its own in the client.
func call(t *testing.T, c *client.Client, method, path string, query url.Values, body, into any) {
	t.Helper()
	if err := c.Call(t.Context(), method, path, query, body, into); err != nil {
		t.Errorf("%s %s: %v", method, path, err)
	}
}

func status(err error) int {
	var e *client.Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

func driveLife(t *testing.T, w *world) {
	t.Helper()
	holder := accounts.Holder{Name: "Nina Blu", TaxCode: ninaCode, Email: elena, Phone: "+39 000 0003", Question: accounts.Questions()[0], Answer: "Rossi"}
	made, err := w.CreateAccount(t.Context(), control.NewAccount{Address: nina, Password: "segreto-di-nina", Months: 12})
	if err != nil || made.State != accounts.Active || made.Provider != borea || made.Expires.IsZero() {
		t.Fatalf("%+v, %v: want an active mailbox that expires", made, err)
	}
	for _, act := range []struct {
		name   string
		fields map[string]any
		want   accounts.State
	}{
		{"holder", map[string]any{"holder": holder}, accounts.Active},
		{"expire", nil, accounts.Expired},
		{"renew", map[string]any{"months": 24}, accounts.Active},
		{"renewal", map[string]any{"auto": true, "pays": false}, accounts.Active},
		{"lock", map[string]any{"state": "locked-inactive"}, accounts.LockedInactive},
		{"unlock", nil, accounts.Active},
		{"suspend", map[string]any{"note": "prova"}, accounts.Suspended},
		{"resume", nil, accounts.Active},
		{"plan", map[string]any{"plan": "pro"}, accounts.Active},
		{"close", map[string]any{"taxCode": ninaCode}, accounts.Closed},
		{"repurchase", map[string]any{"taxCode": ninaCode, "password": "segreto-due"}, accounts.Active},
		{"password", map[string]any{"password": "segreto-tre"}, accounts.Active},
	} {
		if a, err := w.Act(t.Context(), nina, act.name, act.fields); err != nil || a.State != act.want {
			t.Errorf("%s: %s, %v: want %s", act.name, a.State, err, act.want)
		}
	}
	if _, err := w.Act(t.Context(), nina, "lock", map[string]any{"state": "active"}); status(err) != http.StatusBadRequest {
		t.Errorf("locked as active: %v, want 400", err)
	}
	if _, err := w.Act(t.Context(), "nessuno@borea.example", "unlock", nil); status(err) != http.StatusNotFound {
		t.Errorf("nobody's mailbox: %v, want 404", err)
	}
	if a, err := w.Account(t.Context(), nina); err != nil || a.Incarnation != 2 || a.Holder != "Nina Blu" {
		t.Errorf("%+v, %v", a, err)
	}
	if list, err := w.Accounts(t.Context(), borea); err != nil || len(list) < 2 {
		t.Errorf("%d accounts, %v", len(list), err)
	}
	var changes []accounts.Change
	call(t, w.Client, http.MethodGet, "/v1/accounts/"+nina+"/changes", nil, nil, &changes)
	if len(changes) == 0 || changes[0].What != accounts.Created {
		t.Errorf("changes %+v", changes)
	}
	policies := control.LifePolicies{Provider: borea, Policies: accounts.Policies{
		Policy: accounts.Policy{Channels: []accounts.Channel{accounts.ByEmail, accounts.BySMS, accounts.ByQuestion}},
		Own:    map[string]string{domain: "bruno@" + domain},
	}}
	call(t, w.Client, http.MethodPut, "/v1/policies", nil, policies, nil)
	var all []control.LifePolicies
	call(t, w.Client, http.MethodGet, "/v1/policies", nil, nil, &all)
	if len(all) != 2 || all[1].Own[domain] == "" {
		t.Errorf("policies %+v", all)
	}
}

func drivePortal(t *testing.T, w *world) {
	t.Helper()
	w.send(t, nina, "Per Nina")
	w.settle(t)
	own := w.as(t, nina, "segreto-tre")
	var a control.Account
	call(t, own, http.MethodGet, "/v1/portal/status", nil, nil, &a)
	var lines []map[string]any
	call(t, own, http.MethodGet, "/v1/portal/log", url.Values{"event": {"delivery"}}, nil, &lines)
	if a.Address != nina || len(lines) != 1 {
		t.Errorf("%+v, lines %+v", a, lines)
	}
	call(t, w.Client, http.MethodGet, "/v1/accounts/"+nina+"/log", nil, nil, &lines)
	var extract control.LogExtract
	call(t, own, http.MethodGet, "/v1/portal/log/extract", url.Values{"messageId": {identifier("Per Nina")}}, nil, &extract)
	if len(extract.Entries) == 0 {
		t.Error("the extract is empty")
	}
	call(t, own, http.MethodPost, "/v1/portal/password", nil, map[string]string{"password": "segreto-quattro"}, nil)
	if err := own.Call(t.Context(), http.MethodGet, "/v1/portal/status", nil, nil, nil); status(err) != http.StatusUnauthorized {
		t.Errorf("the password before: %v, want 401", err)
	}
	master := w.as(t, "bruno@"+domain, "segreto-bruno@"+domain)
	var under []control.Account
	call(t, master, http.MethodGet, "/v1/portal/postmaster/accounts", nil, nil, &under)
	if len(under) != 1 {
		t.Errorf("the postmaster looks after %d mailboxes, want one", len(under))
	}
	call(t, master, http.MethodPost, "/v1/portal/postmaster/password", nil, map[string]string{"address": "bruno@" + domain, "password": "segreto-nuovo"}, nil)
	driveRecovery(t, w)
}

func driveRecovery(t *testing.T, w *world) {
	t.Helper()
	ask := map[string]string{"address": nina, "taxCode": ninaCode, "channel": "sms"}
	call(t, w.Client, http.MethodPost, "/v1/portal/recovery", nil, ask, nil)
	var texts []provider.SMS
	call(t, w.Client, http.MethodGet, "/v1/sms", nil, nil, &texts)
	if len(texts) != 1 {
		t.Fatalf("texts %+v, want one code", texts)
	}
	code := regexp.MustCompile(`\d{6}$`).FindString(texts[0].Text)
	call(t, w.Client, http.MethodPost, "/v1/portal/code", nil, map[string]string{"address": nina, "code": code, "password": "segreto-cinque"}, nil)
	var question, answer map[string]string
	call(t, w.Client, http.MethodGet, "/v1/portal/question", url.Values{"address": {nina}}, nil, &question)
	if question["question"] != accounts.Questions()[0] {
		t.Errorf("question %q", question)
	}
	call(t, w.Client, http.MethodPost, "/v1/portal/answer", nil, map[string]string{"address": nina, "taxCode": ninaCode, "answer": "rossi"}, &answer)
	call(t, w.Client, http.MethodPost, "/v1/portal/recovery/"+answer["token"], nil, map[string]string{"password": "segreto-sei"}, nil)
	var a control.Account
	call(t, w.as(t, nina, "segreto-sei"), http.MethodGet, "/v1/portal/status", nil, nil, &a)
	call(t, w.Client, http.MethodPost, "/v1/portal/manual", nil, map[string]string{"address": nina, "reporter": elena}, nil)
}

func driveTickets(t *testing.T, w *world) {
	t.Helper()
	var opened, seen control.Ticket
	call(t, w.Client, http.MethodPost, "/v1/tickets", nil,
		control.NewTicket{Provider: borea, Category: "finding", Subject: "Ricevuta senza firma", Reporter: elena}, &opened)
	call(t, w.Client, http.MethodPost, "/v1/tickets/"+opened.ID, nil, control.TicketChange{State: "in-progress", Operator: "op-1"}, nil)
	call(t, w.Client, http.MethodGet, "/v1/tickets/"+opened.ID, nil, nil, &seen)
	if seen.State != "in-progress" || len(seen.History) != 2 {
		t.Errorf("%+v", seen)
	}
	var list []control.Ticket
	call(t, w.Client, http.MethodGet, "/v1/tickets", url.Values{"category": {"password-recovery"}}, nil, &list)
	if len(list) != 1 || !strings.HasPrefix(list[0].ID, "BOREA-") {
		t.Fatalf("tickets %+v, want the one for Nina's password", list)
	}
	call(t, w.Client, http.MethodPost, "/v1/tickets/"+list[0].ID+"/grant", nil, control.TicketChange{Operator: "op-1"}, &seen)
	if seen.State != "resolved" {
		t.Errorf("%+v", seen)
	}
}
