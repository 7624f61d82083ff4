package simulator_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/control"
	"github.com/google/go-cmp/cmp"
)

// A closed mailbox is empty for good; its holder, and nobody else, gets the
// address again, with other folders, and the log has survived all of it.
func TestClosingAndRepurchase(t *testing.T) {
	t.Parallel()
	w := start(t, held(accounts.Policy{}))
	w.outcome(t, bruno, "Prima")
	_, before := w.inbox(t, bruno, "segreto-"+bruno)
	w.do(t, bruno, "close", `{"taxCode": "altro"}`, http.StatusForbidden)
	w.do(t, bruno, "close", `{"taxCode": "`+taxCode+`"}`, http.StatusOK)
	w.settle(t)
	if got := w.letters(t); len(got) != 1 || !strings.Contains(got[0], "stata chiusa") {
		t.Errorf("the holder reads %q, want one confirmation", got)
	}
	w.do(t, bruno, "repurchase", `{"taxCode": "altro", "password": "`+newSecret+`"}`, http.StatusForbidden)
	if got := w.ask(t, "POST", "/v1/providers/restart", `{"provider": "gestore.borea.example"}`, nil); got != http.StatusNoContent {
		t.Fatalf("restart: %d", got)
	}
	a := w.do(t, bruno, "repurchase", `{"taxCode": "`+taxCode+`", "password": "`+newSecret+`"}`, http.StatusOK)
	if a.State != accounts.Active || a.Incarnation != 2 || a.Bytes != 0 {
		t.Errorf("%+v: want the second one, active and empty", a)
	}
	n, after := w.inbox(t, bruno, newSecret)
	if n != 0 || after == before {
		t.Errorf("%d messages, UIDVALIDITY %d after %d: want none, and another", n, after, before)
	}
	if got := w.outcome(t, bruno, "Seconda"); got != "delivery" {
		t.Errorf("the sender gets %s", got)
	}
	var lines []map[string]any
	w.ask(t, "GET", "/v1/accounts/"+bruno+"/log?event=delivery", "", &lines)
	if len(lines) != 2 {
		t.Errorf("%d deliveries in the log, want that before the end too", len(lines))
	}
	var changes []accounts.Change
	w.ask(t, "GET", "/v1/accounts/"+bruno+"/changes", "", &changes)
	var what []string
	for _, c := range changes {
		what = append(what, c.What)
	}
	if diff := cmp.Diff([]string{"closed", "repurchased"}, what); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

// A receipt for a message sent before the mailbox went reaches nobody, and
// the incarnation that follows sees nothing of it.
func TestLateReceiptAfterTheEnd(t *testing.T) {
	t.Parallel()
	p := withPeer(t, onClock, func(c *simulator.Config) {
		c.Providers[0].Accounts[0].Holder = accounts.Holder{TaxCode: taxCode}
	})
	if err := p.submit(t, mail{from: anna, to: []string{paolo}, subject: "Tardiva"}); err != nil {
		t.Fatal(err)
	}
	p.settle(t)
	p.do(t, anna, "close", `{"taxCode": "`+taxCode+`"}`, http.StatusOK)
	p.delivered("correct", paolo)
	p.settle(t)
	p.do(t, anna, "repurchase", `{"taxCode": "`+taxCode+`", "password": "`+newSecret+`"}`, http.StatusOK)
	p.advance("30h")
	if n, _ := p.inbox(t, anna, newSecret); n != 0 {
		t.Errorf("the new mailbox holds %d messages of the old one", n)
	}
	var lines []map[string]any
	p.ask(t, "GET", "/v1/accounts/"+anna+"/log", "", &lines)
	events := fmt.Sprint(lines)
	if !strings.Contains(events, "discarded") || !strings.Contains(events, "acceptance") {
		t.Errorf("the log says nothing of the acceptance or of the receipt that came too late: %s", events)
	}
}

// The panel shows a mailbox its own lines for thirty months, and nobody else's.
func TestLogPanel(t *testing.T) {
	t.Parallel()
	w := start(t, held(accounts.Policy{}))
	for _, m := range []mail{
		{from: anna, to: []string{bruno, carla}, subject: "A due", body: "Contenuto riservato.\r\n"},
		{from: anna, to: []string{carla}, subject: "Solo Carla"},
	} {
		if err := w.submit(t, m); err != nil {
			t.Fatal(err)
		}
	}
	w.settle(t)
	panel := func(query string) (list []control.JournalEntry, status int) {
		t.Helper()
		status = w.sign(t, bruno, "segreto-"+bruno, "GET", "/v1/portal/log?"+query, "", &list)
		return list, status
	}
	all, status := panel("")
	if status != http.StatusOK || len(all) == 0 {
		t.Fatalf("%d, %d lines", status, len(all))
	}
	shown := fmt.Sprintf("%+v", all)
	for _, never := range []string{"Solo Carla", carla, "riservato"} {
		if strings.Contains(shown, never) {
			t.Errorf("Bruno's panel shows %q: %s", never, shown)
		}
	}
	for query, want := range map[string]int{
		"event=delivery":        1,
		"counterparty=" + anna:  len(all),
		"counterparty=" + carla: 0,
		"subject=a+due":         len(all),
		"messageId=" + url.QueryEscape("<A.due@client.example>"): len(all),
		"limit=1":                    1,
		"until=2020-01-01T00:00:00Z": 0,
	} {
		if got, _ := panel(query); len(got) != want {
			t.Errorf("%s: %d lines, want %d", query, len(got), want)
		}
	}
	if _, status := panel("address=" + carla); status != http.StatusBadRequest {
		t.Errorf("another's address: %d, want 400", status)
	}
	if got := w.sign(t, bruno, "sbagliata", "GET", "/v1/portal/log", "", nil); got != http.StatusUnauthorized {
		t.Errorf("a wrong password: %d", got)
	}
	w.do(t, bruno, "close", `{"taxCode": "`+taxCode+`"}`, http.StatusOK)
	if _, status := panel(""); status != http.StatusUnauthorized {
		t.Errorf("a mailbox that is gone: %d, want 401", status)
	}
	var extract control.LogExtract
	if got := w.ask(t, "GET", "/v1/log/extract?address="+bruno+"&messageId=A.due@client.example", "", &extract); got != http.StatusOK || len(extract.Entries) == 0 {
		t.Errorf("the extract of a mailbox that is gone: %d, %d lines", got, len(extract.Entries))
	}
	sent := all[0].At
	until := func(days int) {
		t.Helper()
		w.wait(t, sent.AddDate(0, 30, days).Sub(w.Now()))
		var lines []map[string]any
		w.ask(t, "GET", "/v1/accounts/"+bruno+"/log", "", &lines)
		if got := len(lines) > 0; got != (days < 0) {
			t.Errorf("thirty months and %+d days later the log has %d lines", days, len(lines))
		}
	}
	until(-1)
	until(1)
}
