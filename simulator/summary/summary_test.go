package summary_test

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/simulator/summary"
	"github.com/google/go-cmp/cmp"
)

const certification = `<?xml version="1.0" encoding="UTF-8"?>
<postacert tipo="avvenuta-consegna" errore="nessuno"><intestazione><mittente>anna@aurora.example</mittente>` +
	`<destinatari tipo="certificato">bruno@borea.example</destinatari><destinatari tipo="certificato">carla@borea.example</destinatari>` +
	`<risposte>anna@aurora.example</risposte><oggetto>Prova</oggetto></intestazione><dati><gestore-emittente>Borea</gestore-emittente>` +
	`<data zona="+0100"><giorno>28/03/2026</giorno><ora>10:00:00</ora></data><identificativo>pec.1@borea.example</identificativo>` +
	`<msgid>&lt;1@client.example&gt;</msgid><ricevuta tipo="completa"/><consegna>bruno@borea.example</consegna></dati></postacert>`

func TestOf(t *testing.T) {
	t.Parallel()
	receipt := func(header string) string {
		return "From: Per conto di: anna@aurora.example <posta-certificata@gestore.borea.example>\r\nTo: anna@aurora.example\r\n" +
			"Subject: =?utf-8?q?CONSEGNA:_Citt=C3=A0?=\r\nMessage-ID: <2@borea.example>\r\n" + header +
			"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\ntesto\r\n" +
			"--x\r\nContent-Type: application/xml; name=daticert.xml\r\nContent-Disposition: inline; filename=daticert.xml\r\n\r\n" + certification + "\r\n--x--\r\n"
	}
	about := summary.Summary{
		Kind: "Delivery", MessageID: "<2@borea.example>", Reference: "<1@client.example>", Identifier: "pec.1@borea.example",
		Sender: "anna@aurora.example", Recipients: []string{"bruno@borea.example"}, Subject: "CONSEGNA: Città",
	}
	failed := about
	failed.Kind, failed.Virus = "NonDelivery", true
	tests := []struct {
		name, octets string
		want         summary.Summary
	}{
		{"nothing", "", summary.Summary{Kind: "ordinary"}},
		{"no header", "\r\n\r\n", summary.Summary{Kind: "ordinary"}},
		{"ordinary", "From: \"Elena\" <elena@posta.example>\r\nTo: a@aurora.example,\r\n b@aurora.example\r\nCc: c@aurora.example\r\nSubject: x\r\nMessage-ID: <9@x>\r\n\r\n", summary.Summary{
			Kind: "ordinary", MessageID: "<9@x>", Sender: "elena@posta.example", Recipients: []string{"a@aurora.example", "b@aurora.example", "c@aurora.example"}, Subject: "x",
		}},
		{"addresses that cannot be read", "From: @@\r\nTo: <\r\nSubject: y\r\n\r\n", summary.Summary{Kind: "ordinary", Subject: "y"}},
		{"delivery", receipt("X-Ricevuta: avvenuta-consegna\r\nX-Riferimento-Message-ID: <1@client.example>\r\n"), about},
		{"without a reference in the header", receipt("X-Ricevuta: avvenuta-consegna\r\n"), about},
		{"virus", receipt("X-Ricevuta: errore-consegna\r\nX-VerificaSicurezza: errore\r\n"), failed},
		{"certification data without a header", strings.Replace(receipt(""), "Per conto di: anna@aurora.example ", "", 1), summary.Summary{
			Kind: "ordinary", MessageID: "<2@borea.example>", Sender: "posta-certificata@gestore.borea.example", Recipients: []string{"anna@aurora.example"}, Subject: "CONSEGNA: Città",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, summary.Of([]byte(tt.octets))); diff != "" {
				t.Errorf("summary (-want +got):\n%s", diff)
			}
		})
	}
}

func TestKind(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{
		"avvenuta-consegna": "Delivery", "posta-certificata": "TransportEnvelope", "errore": "AnomalyEnvelope",
		"delivery": "delivery", "ordinary": "ordinary", "": "", "nessuna": "nessuna",
	} {
		if got := summary.Kind(asked); got != want {
			t.Errorf("Kind(%q) = %q, want %q", asked, got, want)
		}
	}
}

// A message is read when it reaches a mailbox, so reading must cost next to
// nothing beside signing it.
func BenchmarkOf(b *testing.B) {
	octets := []byte("From: a@aurora.example\r\nTo: b@borea.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" +
		"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat(strings.Repeat("A", 76)+"\r\n", 1<<20/78) + "--x--\r\n")
	b.SetBytes(int64(len(octets)))
	for b.Loop() {
		summary.Of(octets)
	}
}
