package reserved_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator/faults"
	"github.com/collaudo/collaudo/simulator/reserved"
	"github.com/google/go-cmp/cmp"
)

func TestTableEntries(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{reserved.Mailbox: true}
	var kinds []string
	for _, k := range []pec.Kind{
		pec.Ordinary, pec.Acceptance, pec.NonAcceptance, pec.Delivery, pec.NonDelivery, pec.Delay, pec.TransportEnvelope, pec.AnomalyEnvelope,
	} {
		kinds = append(kinds, k.String(), k.String()+"(virus)")
	}
	kinds = append(kinds, "ordinary")
	if len(reserved.Entries()) < 30 {
		t.Errorf("%d reserved recipients", len(reserved.Entries()))
	}
	for _, e := range reserved.Entries() {
		if strings.Trim(e.Local, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || seen[e.Local] {
			t.Errorf("%q: expected a local part of its own, in lower case", e.Local)
		}
		seen[e.Local] = true
		if e.English == "" || e.Italian == "" || strings.ContainsAny(e.English+e.Italian, "|\n") || len(e.Arrives) == 0 {
			t.Errorf("%s: expected one line in each language and what arrives: %+v", e.Local, e)
		}
		if !slices.Contains([]string{reserved.Rule, reserved.Field, reserved.Attack}, e.Label) {
			t.Errorf("%s: label %q", e.Local, e.Label)
		}
		if e.NoMailbox != "" && e.NoMailbox != "none" {
			t.Errorf("%s: mailbox %q, want none or nothing", e.Local, e.NoMailbox)
		}
		for _, kind := range e.Arrives {
			if !slices.Contains(kinds, kind) {
				t.Errorf("%s: %q is no kind of message that a user gets", e.Local, kind)
			}
		}
		notice := slices.ContainsFunc(e.Arrives, func(kind string) bool {
			return strings.HasPrefix(kind, pec.NonDelivery.String()) || strings.HasPrefix(kind, pec.NonAcceptance.String())
		})
		if notice != (e.Error != "" && e.ExtendedError != "") || slices.Contains(e.Arrives, pec.Delivery.String()) != (e.ReceiptType != "") {
			t.Errorf("%s: %v with error %q, %q and receipt %q: expected the errors of a notice, the type of a receipt", e.Local, e.Arrives, e.Error, e.ExtendedError, e.ReceiptType)
		}
		for _, a := range e.Answers {
			if a.After != reserved.AfterEnvelope && a.After != reserved.AfterReceipt {
				t.Errorf("%s: an answer after %q", e.Local, a.After)
			}
			all := []string{
				reserved.SendReply, reserved.SendNested, reserved.SendOrdinary, reserved.SendStatus, reserved.SendTampered, reserved.SendOrphan, reserved.SendService,
			}
			if !slices.Contains(all, a.Send) {
				t.Errorf("%s: nobody can answer %q", e.Local, a.Send)
			}
		}
	}
}

func TestRulesAreRules(t *testing.T) {
	t.Parallel()
	for _, hour := range []time.Duration{time.Hour, time.Second} {
		all, err := reserved.Rules(hour)
		if err != nil {
			t.Fatal(err)
		}
		for local, list := range all {
			for _, r := range list {
				r.ID = ""
				if _, err := faults.NewRules().Add(r); err != nil {
					t.Errorf("%s: %v", local, err)
				}
			}
		}
		if got, want := all["ritardo-12h"][0].Act.Arguments["by"], (18 * hour).String(); got != want {
			t.Errorf("with an hour of %v: delayed by %s, want %s", hour, got, want)
		}
		if hastened := len(all["ritardo-24h"]) == 2; hastened != (hour != time.Hour) {
			t.Errorf("with an hour of %v: hastened %v", hour, hastened)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	table := reserved.New([]string{"borea.example"})
	for address, want := range map[string]string{
		"Virus@BOREA.example":       "riservati@BOREA.example",
		"sconosciuto@borea.example": "sconosciuto@borea.example",
		"virus@posta.example":       "virus@posta.example",
		"bruno@borea.example":       "bruno@borea.example",
		"virus":                     "virus",
	} {
		if got := table.MailboxOf(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
	var none *reserved.Table
	if _, ok := none.Lookup("virus@borea.example"); ok || none.MailboxOf("virus@borea.example") != "virus@borea.example" {
		t.Error("nothing is reserved where there is no table")
	}
}

// The document names every recipient, in both languages.
func TestDocument(t *testing.T) {
	t.Parallel()
	for _, language := range []string{reserved.English, reserved.Italian} {
		markdown, plain := reserved.Markdown(language), reserved.Plain(language)
		for _, e := range reserved.Entries() {
			if !strings.Contains(markdown, "| `"+e.Local+"@` | "+e.In(language)+" |") || !strings.Contains(plain, e.In(language)) {
				t.Errorf("%s: %s is not in the document", language, e.Local)
			}
		}
	}
	if diff := cmp.Diff(reserved.Markdown(reserved.English), reserved.Markdown("de")); diff != "" {
		t.Error(diff)
	}
}

var update = flag.Bool("update", false, "write README.md anew")

// README.md holds the table, in both languages.
func TestReadme(t *testing.T) {
	t.Parallel()
	const file = "README.md"
	want := "# Reserved recipients\n\n" +
		"In every domain of a simulated provider's users (`collaudo simulate`) these local parts mean an outcome, with no\n" +
		"configuration: write to one of them from any mail client. This page is written from [`table.yaml`](table.yaml), which\n" +
		"a test compares with what really comes (`go test ./simulator -run TestReserved`); `test/recipients/run` does the same\n" +
		"from a shell. After a change: `go test ./simulator/reserved -run TestReadme -update`.\n\n" +
		"Times are in legal hours. On a stepped clock they pass when it is advanced; on a real one an hour of the table lasts a\n" +
		"second. What is delivered to reserved recipients lies in the mailbox `riservati@` of the domain (password\n" +
		"`segreto-riservati@DOMAIN`). They do not answer each other. Two outcomes need no reserved name: an ordinary recipient\n" +
		"is `elena@posta.example` (the acceptance says `esterno`, and no delivery receipt will come), and an address in a domain\n" +
		"that nobody serves comes back as ordinary mail does, in an anomaly envelope.\n\n" +
		reserved.Markdown(reserved.English) +
		"\n## In italiano\n\nI tempi sono in ore legali: su un orologio a passi trascorrono quando lo si fa avanzare, su quello reale un'ora della\n" +
		"tabella dura un secondo.\n\n" + reserved.Markdown(reserved.Italian)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("README.md is not what the table says; write it anew with -update (-want +got):\n%s", diff)
	}
}
