package steps

import (
	"math/rand"
	"path/filepath"
	"testing"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

func testNow() time.Time { return time.Date(2027, 3, 1, 10, 20, 30, 0, time.UTC) }

func testTarget() *Target {
	user := func(address, actor, provider string) Mailbox {
		return Mailbox{Address: address, Actor: actor, Role: evidence.UserMailbox, Provider: provider, User: address, Password: Secret("segreto-" + actor)}
	}
	return &Target{
		Name: "test",
		Providers: []Provider{
			{
				Name: "Aurora", Judged: true, ServiceAddress: "posta-certificata@gestore.aurora.example", ServiceMailbox: "ricevute@gestore.aurora.example",
				Domains: []string{"aurora.example", "studio-aurora.example", "gestore.aurora.example"},
			},
			{
				Name: "Borea", Judged: true, ServiceAddress: "posta-certificata@gestore.borea.example", ServiceMailbox: "ricevute@gestore.borea.example",
				Domains: []string{"borea.example", "archivio-borea.example", "gestore.borea.example"},
			},
		},
		Mailboxes: []Mailbox{
			user("anna@aurora.example", "Anna", "Aurora"),
			user("carla@aurora.example", "Anna's colleague", "Aurora"),
			user("anna@studio-aurora.example", "Anna's studio", "Aurora"),
			user("bruno@borea.example", "Bruno", "Borea"),
			user("carla@borea.example", "Carla", "Borea"),
			user("dario@borea.example", "Dario", "Borea"),
			user("piena@borea.example", "a full mailbox", "Borea"),
			user("bruno@archivio-borea.example", "Bruno's archive", "Borea"),
			{Address: "ricevute@gestore.aurora.example", User: "ricevute@gestore.aurora.example", Password: "segreto", Role: evidence.ServiceMailbox, Provider: "Aurora"},
			{Address: "ricevute@gestore.borea.example", User: "ricevute@gestore.borea.example", Password: "segreto", Role: evidence.ServiceMailbox, Provider: "Borea"},
			{Address: "elena@posta.example", User: "elena@posta.example", Password: "segreto", Actor: "Elena", Role: evidence.OrdinaryMailbox},
		},
		Ordinary: Ordinary{Name: "posta.example"},
		Limits:   Limits{MaxTotalBytes: 30 << 20, NoticeBytes: 40 << 20},
		Patterns: []Pattern{{Name: "only-borea", Octets: "A-HARMLESS-PATTERN", KnownTo: []string{"Borea"}}},
		Peers:    testPeers(),
	}
}

func testWorld(t *testing.T, target *Target) *World {
	t.Helper()
	recorder, err := evidence.Create(filepath.Join(t.TempDir(), "run"), testNow)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := recorder.Close(); err != nil {
			t.Error(err)
		}
	})
	return New(target, recorder.Scenario("test"), Options{Now: testNow, Random: rand.New(rand.NewSource(1))})
}
