package simulator_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

// BenchmarkExchange measures complete exchanges between two providers over
// real sockets: submission, acceptance, envelope, taking in charge, delivery
// and its receipt, for a message of 4 KiB. Four of these are signatures, so a
// quarter of the rate at which this machine signs is the bound; ratio is the
// part of it that is reached.
func BenchmarkExchange(b *testing.B) {
	signings := signingRate(b)
	w := start(b)
	const clients = 8
	work := make(chan int)
	var wg sync.WaitGroup
	for c := range clients {
		wg.Add(1)
		go func() {
			defer wg.Done()
			w.client(b, c, work)
		}()
	}
	b.ResetTimer()
	began := time.Now()
	for i := range b.N {
		work <- i
	}
	close(work)
	wg.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := w.Settle(ctx); err != nil {
		b.Fatal(err)
	}
	elapsed := time.Since(began)
	b.StopTimer()
	signings = (signings + signingRate(b)) / 2 // before and after: the machine may be shared
	rate := float64(b.N) / elapsed.Seconds()
	b.ReportMetric(rate, "exchanges/s")
	b.ReportMetric(signings, "signatures/s")
	b.ReportMetric(rate/(signings/4), "ratio")
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(memory.Sys)/(1<<20), "MiB")
}

// client submits messages over one connection.
func (w *world) client(b *testing.B, number int, work <-chan int) {
	a, hosts := w.account(b, anna)
	c, err := gosmtp.DialTLS(hosts.SubmissionTLS, w.trust)
	if err != nil {
		b.Error(err)
		return
	}
	defer c.Close()
	if err := c.Auth(sasl.NewPlainClient("", a.User, a.Password)); err != nil {
		b.Error(err)
		return
	}
	body := strings.Repeat(strings.Repeat("x", 70)+"\r\n", 53)
	for i := range work {
		m := mail{from: anna, to: []string{bruno}, subject: fmt.Sprintf("Prova %d %d", number, i), body: body}
		if err := c.SendMail(anna, []string{bruno}, bytes.NewReader(m.octets())); err != nil {
			b.Error(err)
			return
		}
	}
}

// signingRate is how many RSA-2048 signatures this machine makes in a second,
// on all its cores.
func signingRate(b *testing.B) float64 {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("x"))
	const span = 500 * time.Millisecond
	var wg sync.WaitGroup
	count := make([]int, runtime.GOMAXPROCS(0))
	began := time.Now()
	for i := range count {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for time.Since(began) < span {
				if _, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:]); err != nil {
					b.Error(err)
					return
				}
				count[i]++
			}
		}()
	}
	wg.Wait()
	total := 0
	for _, n := range count {
		total += n
	}
	return float64(total) / time.Since(began).Seconds()
}
