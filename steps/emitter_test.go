package steps

import (
	"crypto"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/smime"
)

// signedBy wraps a part into multipart/signed, under the key of a service
// address.
func signedBy(t *testing.T, header, part, address string) string {
	t.Helper()
	keys := testPair("correct", address)
	pair, err := PeerSigner{Name: "correct", Certificate: keys.Certificate, Key: keys.Key}.pair()
	if err != nil {
		t.Fatal(err)
	}
	der, err := (&smime.Signer{Certificate: pair.Leaf, Key: pair.PrivateKey.(crypto.Signer)}).Sign([]byte(part), testNow())
	if err != nil {
		t.Fatal(err)
	}
	return header + "MIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=b1\r\n\r\n" +
		"--b1\r\n" + part + "\r\n--b1\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString(der) + "\r\n--b1--\r\n"
}

// certified is a message with certification data, signed by nobody.
func certified(header, kind, sender, recipient, data string) string {
	return header + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b2\r\n\r\n--b2\r\nContent-Type: text/plain\r\n\r\nx\r\n" +
		"--b2\r\nContent-Type: application/xml; name=\"daticert.xml\"\r\n\r\n" +
		`<?xml version="1.0" encoding="UTF-8"?><postacert tipo="` + kind + `" errore="nessuno"><intestazione><mittente>` + sender +
		`</mittente><destinatari tipo="certificato">` + recipient + `</destinatari><risposte>` + sender + `</risposte></intestazione><dati>` +
		`<gestore-emittente>X</gestore-emittente><data zona="+0100"><giorno>01/03/2027</giorno><ora>11:20:30</ora></data><identificativo>i</identificativo>` +
		data + "</dati></postacert>\r\n--b2--\r\n"
}

// TestWhoMadeAMessage has Borea be a bystander: what lies in its mailboxes is
// judged all the same where it was made by Aurora, whatever its From says.
func TestWhoMadeAMessage(t *testing.T) {
	t.Parallel()
	const (
		anna, bruno = "anna@aurora.example", "bruno@borea.example"
		aurora      = "posta-certificata@gestore.aurora.example"
		borea       = "posta-certificata@gestore.borea.example"
		odd         = "From: \"Per conto di\" <nessuno@altrove.example>\r\n"
	)
	text := "Content-Type: text/plain\r\n\r\nx\r\n"
	tests := []struct {
		name, message, mailbox string
		want                   evidence.Emitter
	}{
		{"From names Aurora", "From: <" + aurora + ">\r\n\r\nx", bruno, evidence.Target},
		{"From names Borea", "From: <" + borea + ">\r\n\r\nx", bruno, evidence.ThirdParty},
		{"From names Borea, signed by Aurora", signedBy(t, "From: <"+borea+">\r\n", text, aurora), bruno, evidence.ThirdParty},
		{"odd From, signed by Aurora", signedBy(t, odd, text, aurora), bruno, evidence.Target},
		{"odd From, signed by Borea", signedBy(t, odd, text, borea), bruno, evidence.ThirdParty},
		{"odd From, signed by nobody known", signedBy(t, odd, text, "posta@gestore.corvo.example"), bruno, evidence.ThirdParty},
		{"envelope of Anna's", certified(odd+"X-Trasporto: posta-certificata\r\n", "posta-certificata", anna, bruno, ""), bruno, evidence.Target},
		{"envelope of Anna's, signed by Borea", signedBy(t, odd, certified("", "posta-certificata", anna, bruno, ""), borea), bruno, evidence.ThirdParty},
		{"acceptance of Bruno's", certified(odd+"X-Ricevuta: accettazione\r\n", "accettazione", bruno, anna, ""), bruno, evidence.ThirdParty},
		{
			"delivery of Bruno's at Anna's", certified(odd+"X-Ricevuta: avvenuta-consegna\r\n", "avvenuta-consegna", bruno, anna, "<consegna>"+anna+"</consegna>"),
			bruno, evidence.Target,
		},
		{"non-delivery of Bruno's to Anna", certified(odd+"X-Ricevuta: errore-consegna\r\n", "errore-consegna", bruno, anna, ""), bruno, evidence.Target},
		{"taken in charge by Aurora", certified(odd+"X-Ricevuta: presa-in-carico\r\n", "presa-in-carico", bruno, anna, ""), "ricevute@gestore.borea.example", evidence.Target},
		{"taken in charge by Borea", certified(odd+"X-Ricevuta: presa-in-carico\r\n", "presa-in-carico", anna, bruno, ""), "ricevute@gestore.borea.example", evidence.ThirdParty},
		{"no envelope at all, of Anna's", "From: Anna <ANNA@Aurora.Example>\r\n\r\nx", bruno, evidence.Target},
		{"spam", odd + "\r\nx", bruno, evidence.ThirdParty},
		{"odd From at Aurora", odd + "\r\nx", anna, evidence.Target},
		{"odd From at Aurora, signed by Borea", signedBy(t, odd, text, borea), anna, evidence.Target}, // which it should have enclosed
		{"ordinary", "From: a@posta.example\r\n\r\nx", "elena@posta.example", evidence.ThirdParty},
		{"ordinary, with an envelope", odd + "X-Trasporto: posta-certificata\r\n\r\nx", "elena@posta.example", evidence.Target},
		{"relayed, odd From", odd + "\r\nx", "", evidence.Target},
		{"relayed, From names Borea", "From: <" + borea + ">\r\n\r\nx", "", evidence.ThirdParty},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target := testTarget()
			target.Providers[1].Judged = false
			got := target.emitterOfRelayed([]byte(test.message))
			if test.mailbox != "" {
				for i := range target.Mailboxes {
					if strings.EqualFold(target.Mailboxes[i].Address, test.mailbox) {
						got = target.emitter(&target.Mailboxes[i], []byte(test.message))
					}
				}
			}
			if got != test.want {
				t.Errorf("made by %q, expected %q", got, test.want)
			}
		})
	}
}
