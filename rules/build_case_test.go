package rules

// The evidence of a case, built by hand for tests:
//
//	c := newCase(t)
//	c.submitted(originalText)                        // s1, Anna to Bruno, Elena and Carla, accepted
//	c.received(bruno, correct("envelope").sealed(t)) // m1 in Bruno's mailbox
//	c.settled()
//	v := c.view()
//
// world, trust and mailboxes are those of the standard exchange; the events
// can be altered before view is called (c.World, c.Trust, c.add).

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

const (
	aurora = "Aurora PEC S.p.A."
	borea  = "Borea PEC S.r.l."
)

type testCase struct {
	t     *testing.T
	World evidence.World
	LDIF  string // directory; default standardLDIF()
	CRL   []byte // PEM; default an empty list

	Authority *x509.Certificate // default keys().authority

	blobs memoryBlobs

	events            []evidence.Event
	submissions, mail int
	trustless         bool
}

type memoryBlobs map[string][]byte

func (b memoryBlobs) Blob(hash string) ([]byte, error) {
	octets, ok := b[hash]
	if !ok {
		return nil, fmt.Errorf("evidence %s is missing", hash)
	}
	return octets, nil
}

func (b memoryBlobs) keep(octets []byte) string {
	sum := sha256.Sum256(octets)
	hash := hex.EncodeToString(sum[:])
	b[hash] = octets
	return hash
}

// newCase returns a case with the standard world and nothing that happened yet.
func newCase(t *testing.T) *testCase {
	mailbox := func(address string, role evidence.Role, provider, actor string) evidence.Mailbox {
		return evidence.Mailbox{Address: address, Role: role, Provider: provider, Actor: actor}
	}
	return &testCase{
		t: t, blobs: memoryBlobs{}, LDIF: standardLDIF(), CRL: keys().emptyCRL, Authority: keys().authority,
		World: evidence.World{
			Providers: []evidence.Provider{
				{
					Name: aurora, ServiceAddress: "posta-certificata@gestore.aurora.example", ServiceMailbox: serviceAurora,
					Domains: []string{"aurora.example", "studio-aurora.example", "gestore.aurora.example"}, Emitter: evidence.Target,
				},
				{
					Name: borea, ServiceAddress: "posta-certificata@gestore.borea.example", ServiceMailbox: serviceBorea,
					Domains: []string{"borea.example", "archivio-borea.example", "gestore.borea.example"}, Emitter: evidence.Target,
				},
			},
			Mailboxes: []evidence.Mailbox{
				mailbox(anna, evidence.UserMailbox, aurora, "Anna"),
				mailbox(bruno, evidence.UserMailbox, borea, "Bruno"),
				mailbox(carla, evidence.UserMailbox, borea, "Carla"),
				mailbox("dario@borea.example", evidence.UserMailbox, borea, "Dario"),
				mailbox(elena, evidence.OrdinaryMailbox, "", "Elena"),
				mailbox(serviceAurora, evidence.ServiceMailbox, aurora, ""),
				mailbox(serviceBorea, evidence.ServiceMailbox, borea, ""),
			},
			Limits: evidence.Limits{MaxRecipients: 50, MaxTotalBytes: 30 << 20},
		},
	}
}

func (c *testCase) add(e evidence.Event) { c.events = append(c.events, e) }

// withoutTrust leaves the CA, the CRL and the directory out of the evidence.
func (c *testCase) withoutTrust() { c.trustless = true }

// submitted adds a submission of this text by Anna; its recipients are Bruno,
// Elena and Carla and every reply is positive, unless alter says otherwise.
func (c *testCase) submitted(text string, alter ...func(*evidence.Submission)) *evidence.Submission {
	c.submissions++
	ok := evidence.Reply{Code: 250, Enhanced: "2.0.0"}
	octets := []byte(crlf(text))
	s := evidence.Submission{
		ID: fmt.Sprintf("s%d", c.submissions), Token: "7f3a", Actor: "Anna",
		Channel: evidence.SubmissionTLS, Host: aurora, Account: anna, Authenticated: true, TLS: true,
		ReversePath: anna, MailReply: ok, DataReply: ok,
		Recipients: []evidence.RecipientReply{{Address: bruno, Reply: ok}, {Address: elena, Reply: ok}, {Address: carla, Reply: ok}},
		Blob:       c.blobs.keep(octets), Size: int64(len(octets)),
		Started: acceptedAt.Add(-time.Second), Ended: acceptedAt,
	}
	for _, a := range alter {
		a(&s)
	}
	c.add(evidence.Event{Type: evidence.Submitted, Submission: &s})
	return &s
}

// received adds a message of the target found in that mailbox.
func (c *testCase) received(mailbox string, raw []byte, alter ...func(*evidence.Message)) {
	c.mail++
	m := evidence.Message{
		ID: fmt.Sprintf("m%d", c.mail), Mailbox: mailbox, Role: evidence.UserMailbox, Emitter: evidence.Target,
		Blob: c.blobs.keep(raw), Size: int64(len(raw)), Delivered: acceptedAt.Add(3 * time.Second), Via: "imap",
	}
	for _, b := range c.World.Mailboxes {
		if b.Address == mailbox {
			m.Role, m.Provider = b.Role, b.Provider
		}
	}
	for _, a := range alter {
		a(&m)
	}
	c.add(evidence.Event{Type: evidence.MessageSeen, Message: &m})
}

// exchange adds the standard exchange: the submission and all that follows.
func (c *testCase) exchange() {
	c.submitted(originalText)
	for _, name := range []string{"acceptance", "envelope", "taken-in-charge", "delivery"} {
		c.put(correct(name))
	}
	c.settled()
}

// put seals the message and lays it where it lies in the standard exchange.
func (c *testCase) put(m message) { c.received(m.Mailbox, m.sealed(c.t)) }

func (c *testCase) settled() { c.add(evidence.Event{Type: evidence.SettledSeen}) }

// view returns the view that judges get.
func (c *testCase) view() *View {
	c.t.Helper()
	events := []evidence.Event{
		{Type: evidence.ScenarioStarted, Start: &evidence.Start{ID: "test"}},
		{Type: evidence.WorldSeen, World: &c.World},
	}
	events = append(events, c.events...)
	if !c.trustless {
		events = append(events, evidence.Event{Type: evidence.TrustSeen, Trust: &evidence.Trust{
			Instant:   acceptedAt,
			Authority: c.blobs.keep(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Authority.Raw})),
			Revoked:   c.blobs.keep(c.CRL), Directory: c.blobs.keep([]byte(c.LDIF)),
		}})
	}
	v, err := NewView(evidence.NewCase(events, c.blobs))
	if err != nil {
		c.t.Fatalf("view: %v", err)
	}
	return v
}

// standardLDIF is a directory that holds both providers.
func standardLDIF() string {
	var b bytes.Buffer
	b.WriteString("version: 1\n\ndn: o=postacert\nobjectclass: top\nobjectclass: organization\nobjectclass: LDIFLocationURLObject\no: postacert\n")
	record := func(name, service string, certificate []byte, domains ...string) {
		sum := sha1.Sum(certificate)
		fmt.Fprintf(&b, "\ndn: providerName=%s,o=postacert\nobjectclass: top\nobjectclass: provider\nproviderName: %s\n", name, name)
		fmt.Fprintf(&b, "providerCertificateHash: %s\n", strings.ToUpper(hex.EncodeToString(sum[:])))
		fmt.Fprintf(&b, "providerCertificate;binary:: %s\nmailReceipt: %s\n", base64.StdEncoding.EncodeToString(certificate), service)
		for _, d := range domains {
			fmt.Fprintf(&b, "managedDomains: %s\n", d)
		}
	}
	record(aurora, serviceAurora, keys().aurora.Certificate.Raw, "aurora.example", "studio-aurora.example", "gestore.aurora.example")
	record(borea, serviceBorea, keys().borea.Certificate.Raw, "borea.example", "archivio-borea.example", "gestore.borea.example")
	return b.String()
}
