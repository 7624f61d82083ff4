package compose_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/smime"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/compose"
)

// keys are made once for all tests of the package.
var keys = authority.NewPool()

// instant is in summer, so that a zone taken from the machine would show.
var instant = time.Date(2026, 7, 9, 14, 5, 6, 0, time.UTC)

func provider() compose.Provider {
	return compose.Provider{
		Name: "Aurora PEC S.p.A.", ServiceAddress: "posta-certificata@gestore.aurora.example",
		Domain: "gestore.aurora.example", Random: rand.Reader,
	}
}

func facts() compose.Facts {
	return compose.Facts{
		Sender: "anna@aurora.example",
		Recipients: []compose.Recipient{
			{Address: "bruno@borea.example", Certified: true},
			{Address: "elena@posta.example"},
		},
		Subject: "Offerta n. 7", HasSubject: true,
		ClientMessageID: "<abc.1@client.example>",
		Identifier:      "pec20260709160506aa@gestore.aurora.example",
	}
}

const own = "pec20260709160506bb@gestore.aurora.example"

func signer(tb testing.TB) *smime.Signer {
	tb.Helper()
	a, err := authority.New(authority.Config{
		Keys: keys, Random: rand.Reader, Now: func() time.Time { return instant },
		Domains: []string{"gestore.aurora.example"},
	})
	if err != nil {
		tb.Fatal(err)
	}
	s, err := a.Register(authority.Provider{
		Name: "Aurora PEC S.p.A.", ServiceAddress: "posta-certificata@gestore.aurora.example",
		MailReceipt: "ricevute@gestore.aurora.example", Domains: []string{"aurora.example"},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// seal renders, signs and reads back.
func seal(tb testing.TB, d *compose.Draft) ([]byte, *pec.Message) {
	tb.Helper()
	content, err := d.Render()
	if err != nil {
		tb.Fatal(err)
	}
	sealed, err := d.Seal(content, signer(tb))
	if err != nil {
		tb.Fatal(err)
	}
	m, err := pec.Read(sealed)
	if err != nil {
		tb.Fatal(err)
	}
	return sealed, m
}

const original = "Received: from client by gestore.aurora.example; Thu, 9 Jul 2026 16:05:05 +0200\r\n" +
	"Return-Path: <anna@aurora.example>\r\n" +
	"Message-ID: <abc.1@client.example>\r\n" +
	"From: \"Anna Rossi\" <anna@aurora.example>\r\n" +
	"To: \"Bruno\"\r\n\t<bruno@borea.example>\r\n" +
	"Cc: elena@posta.example\r\n" +
	"Subject: Offerta n. 7\r\n" +
	"\r\n" +
	"Buongiorno.\r\n"
