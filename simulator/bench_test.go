package simulator_test

import (
	"bytes"
	"context"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/store"
	"github.com/collaudo/collaudo/simulator/store/disk"
	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

// BenchmarkExchange measures complete exchanges between two providers over
// real sockets, with so many under way at any time: submission, acceptance,
// envelope, taking in charge, delivery and its receipt in the mailbox of the
// sender. Submissions come over kept TLS connections, by BDAT, which the service
// offers (CHUNKING) and which does not look at each octet for a final dot; those
// called DATA come by DATA, as most mail programs send.
//
// Four of the steps are signatures, so a quarter of the rate at which this
// machine signs, on all its cores, is the bound; ratio is the part of it that is
// reached. It is of real time and suffers from whoever shares the machine;
// cpu-ratio is of processor time: what four signatures cost, by what the process
// spent for an exchange, the clients and the looking on included. MiB is the
// most memory that was held, the clients' included.
func BenchmarkExchange(b *testing.B) {
	for _, c := range []struct {
		name   string
		octets int
		keep   func(*testing.B) func(*simulator.Config)
		data   bool
	}{
		{"4KiB/memory", 4 << 10, inMemory, false},
		{"4KiB/disk", 4 << 10, onDisk, false},
		{"4KiB/memory-DATA", 4 << 10, inMemory, true},
		{"1MiB/memory", 1 << 20, inMemory, false},
		{"1MiB/disk", 1 << 20, onDisk, false},
		{"1MiB/memory-DATA", 1 << 20, inMemory, true},
	} {
		b.Run(c.name, func(b *testing.B) { exchange(b, c.octets, c.keep(b), c.data) })
	}
}

func inMemory(*testing.B) func(*simulator.Config) { return func(*simulator.Config) {} }

func onDisk(b *testing.B) func(*simulator.Config) {
	return func(c *simulator.Config) {
		c.Stores = func(host string) store.Store {
			s, err := disk.Open(context.Background(), b.TempDir(), disk.Options{Limit: 8 << 30})
			if err != nil {
				b.Fatalf("%s: %v", host, err)
			}
			b.Cleanup(func() { _ = s.Close() })
			return s
		}
	}
}

// underWay is how many exchanges are under way at a time.
const underWay = 16

func exchange(b *testing.B, size int, keep func(*simulator.Config), data bool) {
	signings := signingRate(b)
	r := &receipts{waiting: map[string]chan struct{}{}}
	w := start(b, func(c *simulator.Config) { c.StoreBytes = 8 << 30 }, keep, r.watch)
	clients := make([]*submitter, underWay)
	for i := range clients {
		clients[i] = w.submitter(b, data)
	}
	peak := watchMemory(10 * time.Millisecond)
	work := make(chan int)
	var wg sync.WaitGroup
	body := strings.Repeat(strings.Repeat("x", 70)+"\r\n", (size-250)/72)
	for _, c := range clients {
		wg.Go(func() { c.work(b, r, body, work) })
	}
	b.ResetTimer()
	began, spent := time.Now(), processor(b)
	for i := range b.N {
		work <- i
	}
	close(work)
	wg.Wait()
	elapsed := time.Since(began)
	spent = processor(b) - spent
	b.StopTimer()
	after := signingRate(b) // before and after: the machine may be shared
	rate := float64(b.N) / elapsed.Seconds()
	bound := (signings.perSecond + after.perSecond) / 2 / 4
	signing := (signings.cost + after.cost) / 2
	b.ReportMetric(rate, "exchanges/s")
	b.ReportMetric(4*bound, "signatures/s")
	b.ReportMetric(rate/bound, "ratio")
	b.ReportMetric(4*signing.Seconds()*float64(b.N)/spent.Seconds(), "cpu-ratio")
	b.ReportMetric(float64(peak())/(1<<20), "MiB")
	b.ReportMetric(r.at(0.50), "p50-ms")
	b.ReportMetric(r.at(0.99), "p99-ms")
}

// receipts tells who waits for the receipt of a delivery that it is there.
type receipts struct {
	mu      sync.Mutex
	waiting map[string]chan struct{} // by Message-ID
	took    []time.Duration
}

// watched is a store whose messages are looked at as they arrive.
type watched struct {
	store.Store
	see func(s store.Store, m store.Message)
}

// Appended implements store.Mailboxes.
func (w watched) Appended(hook func(mailbox, folder string, m store.Message)) {
	w.Store.Appended(func(mailbox, folder string, m store.Message) {
		if mailbox == anna {
			w.see(w.Store, m)
		}
		hook(mailbox, folder, m)
	})
}

func (r *receipts) watch(c *simulator.Config) {
	open := c.Stores
	if open == nil {
		open = func(string) store.Store { return store.NewMemory(c.StoreBytes) }
	}
	c.Stores = func(host string) store.Store { return watched{open(host), r.see} }
}

func (r *receipts) see(s store.Store, m store.Message) {
	octets, err := s.Octets(m.Body)
	if err != nil {
		return
	}
	head := octets[:min(len(octets), 4096)]
	_, rest, is := bytes.Cut(head, []byte("X-Riferimento-Message-ID: "))
	if !is || !bytes.Contains(head, []byte("X-Ricevuta: avvenuta-consegna")) {
		return
	}
	id, _, _ := bytes.Cut(rest, []byte("\r\n"))
	r.mu.Lock()
	defer r.mu.Unlock()
	if there := r.waiting[string(id)]; there != nil {
		close(there)
		delete(r.waiting, string(id))
	}
}

func (r *receipts) expect(id string) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	there := make(chan struct{})
	r.waiting[id] = there
	return there
}

// at is the time that a part of the exchanges took at most, in milliseconds.
func (r *receipts) at(part float64) float64 {
	slices.Sort(r.took)
	return float64(r.took[int(part*float64(len(r.took)-1))].Microseconds()) / 1000
}

// BenchmarkLargest measures what it costs to accept a message of 30 MB: peak is
// the most memory held above that at rest, in times the message.
func BenchmarkLargest(b *testing.B) {
	w := start(b, onDisk(b))
	m := mail{from: anna, to: []string{bruno}, subject: "Grande", body: strings.Repeat(strings.Repeat("x", 70)+"\r\n", 30_000_000/72)}
	octets := m.octets()
	a, hosts := w.account(b, anna)
	var worst uint64
	for b.Loop() {
		b.StopTimer()
		c, err := gosmtp.DialTLS(hosts.SubmissionTLS, w.trust)
		if err != nil {
			b.Fatal(err)
		}
		if err := c.Auth(sasl.NewPlainClient("", a.User, a.Password)); err != nil {
			b.Fatal(err)
		}
		debug.FreeOSMemory()
		rest, peak := memory(), watchMemory(time.Millisecond)
		b.StartTimer()
		if err := c.SendMail(anna, []string{bruno}, bytes.NewReader(octets)); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		worst = max(worst, peak()-min(rest, peak()))
		_ = c.Close()
		w.settle(b)
		b.StartTimer()
	}
	b.ReportMetric(float64(worst)/float64(len(octets)), "peak/message")
}

// memory is what this process holds of the machine's.
func memory() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}

// watchMemory looks at the memory, so often, until the function that it returns
// is called first, which gives the most that was seen.
func watchMemory(every time.Duration) (peak func() uint64) {
	most, end, ended := memory(), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-end:
				return
			case <-time.After(every):
				most = max(most, memory())
			}
		}
	}()
	var once sync.Once
	return func() uint64 {
		once.Do(func() { close(end); <-ended })
		return most
	}
}
