package simulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/google/go-cmp/cmp"
)

// letters are what the holder's ordinary mailbox holds, decoded as far as needed.
func (w *world) letters(t *testing.T) (list []string) {
	t.Helper()
	for _, m := range w.fetch(t, elena) {
		_, body, _ := bytes.Cut(m.Root.Raw(), []byte("\r\n\r\n"))
		list = append(list, strings.ReplaceAll(strings.ReplaceAll(string(body), "=\r\n", ""), "=3D", "="))
	}
	return list
}

// sign asks the portal as a user.
func (w *world) sign(t *testing.T, user, password, method, path, body string, into any) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, w.ControlURL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(user, password)
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	octets, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil && answer.StatusCode == http.StatusOK {
		if err := json.Unmarshal(octets, into); err != nil {
			t.Fatalf("%s: %v in %s", path, err, octets)
		}
	}
	return answer.StatusCode
}

// A lost password: the link comes to the holder's ordinary mailbox and works
// once; whoever asks is told the same in every case.
func TestRecoveryByMail(t *testing.T) {
	t.Parallel()
	w := start(t, held(accounts.Policy{LockAttempts: 3}))
	for _, service := range []func(string) bool{
		func(p string) bool { _, ok := w.opens(t, bruno, p); return ok },
		func(p string) bool { return w.sends(t, bruno, p, "Prova") >= 0 },
		func(p string) bool { return w.sign(t, bruno, p, "GET", "/v1/portal/status", "", nil) == http.StatusOK },
	} {
		if service("sbagliata") {
			t.Fatal("a wrong password was taken")
		}
	}
	if _, ok := w.opens(t, bruno, "segreto-"+bruno); ok {
		t.Error("three wrong passwords over three protocols did not lock the mailbox")
	}
	if got := w.outcome(t, bruno, "Bloccata"); got != "delivery" {
		t.Errorf("a locked mailbox: the sender gets %s", got)
	}
	var answers []map[string]string
	for _, body := range []string{
		`{"address": "` + bruno + `", "taxCode": "` + taxCode + `", "channel": "email"}`,
		`{"address": "` + bruno + `", "taxCode": "altro", "channel": "email"}`,
		`{"address": "nessuno@borea.example", "taxCode": "` + taxCode + `", "channel": "email"}`,
		`{"address": "nessuno@altrove.example", "taxCode": "` + taxCode + `", "channel": "sms"}`,
	} {
		var answer map[string]string
		if got := w.ask(t, "POST", "/v1/portal/recovery", body, &answer); got != http.StatusAccepted {
			t.Errorf("%s: %d", body, got)
		}
		answers = append(answers, answer)
	}
	for _, a := range answers {
		if diff := cmp.Diff(answers[0], a); diff != "" {
			t.Errorf("the answers differ:\n%s", diff)
		}
	}
	w.settle(t)
	var links []string
	for _, letter := range w.letters(t) {
		links = append(links, regexp.MustCompile(`http://\S+/v1/portal/recovery/\S+`).FindAllString(letter, -1)...)
		if strings.Contains(letter, "segreto-") {
			t.Errorf("a letter holds a password: %s", letter)
		}
	}
	if len(links) != 1 {
		t.Fatalf("links %q, want one", links)
	}
	path := strings.TrimPrefix(links[0], w.ControlURL)
	for i, want := range []int{http.StatusNoContent, http.StatusForbidden} {
		if got := w.ask(t, "POST", path, `{"password": "`+newSecret+`"}`, nil); got != want {
			t.Errorf("use %d of the link: %d, want %d", i+1, got, want)
		}
	}
	if n, _ := w.inbox(t, bruno, newSecret); n != 1 {
		t.Errorf("it holds %d messages, want the one that came while it was locked", n)
	}
}

// A mailbox in its grace is recovered by hand only: a ticket, whose states are
// told to who opened it, and a link to the holder.
func TestRecoveryByHand(t *testing.T) {
	t.Parallel()
	w := start(t, held(accounts.Policy{}))
	w.do(t, bruno, "expire", `{}`, http.StatusOK)
	w.ask(t, "POST", "/v1/portal/recovery", `{"address": "`+bruno+`", "taxCode": "`+taxCode+`", "channel": "email"}`, nil)
	for _, address := range []string{bruno, "nessuno@borea.example"} {
		if got := w.ask(t, "POST", "/v1/portal/manual", `{"address": "`+address+`", "reporter": "`+elena+`"}`, nil); got != http.StatusAccepted {
			t.Errorf("%s by hand: %d", address, got)
		}
	}
	var list []control.Ticket
	w.ask(t, "GET", "/v1/tickets?category=password-recovery&mailbox="+bruno, "", &list)
	if len(list) != 1 || list[0].Due.Sub(list[0].Opened) < 3*24*time.Hour {
		t.Fatalf("tickets %+v, want one that is due in three working days", list)
	}
	id := list[0].ID
	for _, step := range []struct {
		path, body string
		want       int
	}{
		{id, `{"state": "in-progress", "operator": "op-1"}`, http.StatusOK},
		{id + "/grant", `{"operator": "op-1"}`, http.StatusOK},
		{id + "/grant", `{"operator": "op-1"}`, http.StatusConflict},
		{"BOREA-00002/grant", `{}`, http.StatusNotFound}, // nobody's mailbox
	} {
		if got := w.ask(t, "POST", "/v1/tickets/"+step.path, step.body, nil); got != step.want {
			t.Errorf("%s: %d, want %d", step.path, got, step.want)
		}
	}
	w.settle(t)
	told := strings.Join(w.letters(t), "\n")
	for _, want := range []string{"Stato: aperta", "Stato: in lavorazione", "Stato: risolta", "/v1/portal/recovery/"} {
		if !strings.Contains(told, want) {
			t.Errorf("the letters do not say %q:\n%s", want, told)
		}
	}
	if got := strings.Count(told, "/v1/portal/recovery/"); got != 1 {
		t.Errorf("%d links were sent, want that of the grant", got)
	}
}

// The postmaster of an own domain sets passwords there, and nowhere else.
func TestPostmaster(t *testing.T) {
	t.Parallel()
	w := start(t, held(accounts.Policy{}))
	mine := "segreto-" + postmaster
	var list []control.Account
	if got := w.sign(t, postmaster, mine, "GET", "/v1/portal/postmaster/accounts", "", &list); got != http.StatusOK || len(list) != 2 {
		t.Errorf("%d, %d mailboxes, want the two of the domain", got, len(list))
	}
	set := func(who, password, address string) int {
		return w.sign(t, who, password, "POST", "/v1/portal/postmaster/password", `{"address": "`+address+`", "password": "`+newSecret+`"}`, nil)
	}
	for _, tt := range []struct {
		who, password, address string
		want                   int
	}{
		{postmaster, mine, bruno, http.StatusForbidden},
		{postmaster, mine, anna, http.StatusForbidden},
		{bruno, "segreto-" + bruno, studio, http.StatusForbidden},
		{postmaster, "sbagliata", studio, http.StatusUnauthorized},
		{postmaster, mine, studio, http.StatusNoContent},
	} {
		if got := set(tt.who, tt.password, tt.address); got != tt.want {
			t.Errorf("%s sets the password of %s: %d, want %d", tt.who, tt.address, got, tt.want)
		}
	}
	if _, ok := w.opens(t, studio, newSecret); !ok {
		t.Error("the password that the postmaster set does not open")
	}
}
