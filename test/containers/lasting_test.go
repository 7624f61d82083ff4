//go:build containers

package containers

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/control"
	"github.com/collaudo/collaudo/simulator/control/client"
)

const (
	anna  = "anna@aurora.example"
	bruno = "bruno@borea.example"
)

// handOver hands a message over at a provider's access point and tells whether it
// was acknowledged.
func handOver(ctx context.Context, at *client.Client, subject string) bool {
	octets := fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s@client.example>\r\n\r\nBuongiorno.\r\n", anna, bruno, subject, subject)
	seeded, err := at.Seed(ctx, control.Seed{Submissions: []control.SeedSubmission{{From: anna, Recipients: []string{bruno}, Octets: []byte(octets)}}})
	return err == nil && len(seeded.Submissions) == 1 && seeded.Submissions[0].Code == 250
}

// subjects are those of what lies in a mailbox, by the words behind their prefix.
func (w *world) subjects(host, mailbox, prefix string) []string {
	w.t.Helper()
	list, err := w.control(w.t.Context(), host).Messages(w.t.Context(), mailbox, control.MessageChoice{})
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, m := range list {
		if len(m.Subject) > len(prefix) && m.Subject[:len(prefix)] == prefix {
			all = append(all, m.Subject[len(prefix):])
		}
	}
	slices.Sort(all)
	return all
}

// complete waits until everything that was acknowledged has arrived, and Anna has
// its two receipts: each once.
func (w *world) complete(acknowledged []string) {
	w.t.Helper()
	slices.Sort(acknowledged)
	ctx, cancel := context.WithTimeout(w.t.Context(), 2*time.Minute)
	defer cancel()
	for hour := 0; hour < 6 && len(w.subjects(boreaHost, bruno, "POSTA CERTIFICATA: ")) < len(acknowledged); hour++ {
		if err := w.advance(ctx, time.Hour); err != nil { // what could not be handed over is tried again
			w.t.Fatal(err)
		}
	}
	if err := w.settle(ctx); err != nil {
		w.t.Fatal(err)
	}
	for _, has := range []struct{ host, mailbox, prefix string }{
		{boreaHost, bruno, "POSTA CERTIFICATA: "}, {auroraHost, anna, "ACCETTAZIONE: "}, {auroraHost, anna, "CONSEGNA: "},
	} {
		lies := w.subjects(has.host, has.mailbox, has.prefix)
		for _, subject := range acknowledged {
			if n := count(lies, subject); n != 1 {
				w.t.Errorf("%s has %q about %s, which was acknowledged, %d times, want once", has.mailbox, has.prefix, subject, n)
			}
		}
	}
}

func count(list []string, one string) (n int) {
	for _, s := range list {
		if s == one {
			n++
		}
	}
	return n
}

// A provider is killed with mail in its queue, and started again on its volume.
func TestKilledProviderComesBack(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	if err := w.cut(ctx, auroraHost, boreaHost, true); err != nil {
		t.Fatal(err)
	}
	var acknowledged []string
	for i := range 5 {
		subject := fmt.Sprintf("ucciso-%d", i)
		if !handOver(ctx, w.control(ctx, auroraHost), subject) {
			t.Fatalf("%s was not taken", subject)
		}
		acknowledged = append(acknowledged, subject)
	}
	id := w.boxes[auroraHost].GetContainerID()
	docker(t, "kill", "--signal", "KILL", id)
	docker(t, "rm", "--force", id) // the container is gone, its volume is not
	w.play(auroraHost)
	if err := w.cut(ctx, auroraHost, boreaHost, false); err != nil {
		t.Fatal(err)
	}
	w.complete(acknowledged)
}

// Both providers are restarted, one after the other and each twice, while mail is
// handed over all the time: nothing that was acknowledged is lost, and nothing comes
// twice.
func TestRollingRestartUnderLoad(t *testing.T) {
	t.Parallel()
	w := start(t)
	load, end := context.WithCancel(t.Context())
	var mu sync.Mutex
	var acknowledged []string
	tried := 0
	at := w.control(t.Context(), auroraHost)
	var senders sync.WaitGroup
	for sender := range 3 {
		senders.Go(func() {
			for i := 0; load.Err() == nil; i++ {
				subject := fmt.Sprintf("carico-%d-%d", sender, i)
				ctx, cancel := context.WithTimeout(context.WithoutCancel(load), 20*time.Second)
				answered := handOver(ctx, at, subject)
				cancel()
				mu.Lock()
				tried++
				if answered {
					acknowledged = append(acknowledged, subject)
				}
				mu.Unlock()
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	for _, host := range []string{auroraHost, boreaHost, auroraHost, boreaHost} {
		time.Sleep(2 * time.Second) // of load
		docker(t, "restart", "--time", "20", w.boxes[host].GetContainerID())
		w.awake(host)
	}
	time.Sleep(time.Second)
	end()
	senders.Wait()
	t.Logf("%d of %d messages were acknowledged", len(acknowledged), tried)
	if len(acknowledged) < 20 {
		t.Fatalf("%d messages were acknowledged: that is no load", len(acknowledged))
	}
	w.complete(acknowledged)
}
