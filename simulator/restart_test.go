package simulator_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

// Providers are stopped and started in order while mail is under way between them:
// each message that was taken is there once, and so is each of its receipts.
func TestRestartsUnderLoadDoubleNothing(t *testing.T) {
	t.Parallel()
	w := start(t, stepped)
	const anna, bruno = "anna@aurora.example", "bruno@borea.example"
	account, hosts := w.account(t, anna)
	submit := func(subject string) error {
		c, err := gosmtp.DialTLS(hosts.SubmissionTLS, w.trust)
		if err != nil {
			return err
		}
		defer c.Close()
		if err := c.Auth(sasl.NewPlainClient("", account.User, account.Password)); err != nil {
			return err
		}
		m := mail{from: anna, to: []string{bruno}, subject: subject}
		return c.SendMail(anna, m.to, bytes.NewReader(m.octets()))
	}
	const senders = 4
	var mu sync.Mutex
	var taken []string
	stop := make(chan struct{})
	var all sync.WaitGroup
	for sender := range senders {
		all.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				subject := fmt.Sprintf("carico-%d-%d", sender, i)
				if submit(subject) == nil {
					mu.Lock()
					taken = append(taken, subject)
					mu.Unlock()
				}
			}
		})
	}
	for round := range 12 {
		time.Sleep(50 * time.Millisecond) // of load
		if err := w.Restart(t.Context(), []string{"gestore.aurora.example", "gestore.borea.example"}[round%2]); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	all.Wait()
	w.settle(t)
	for range 3 { // what found a host that was down is sent again
		w.wait(t, time.Hour)
	}
	lies := map[string]int{}
	for _, address := range []string{anna, bruno} {
		for _, m := range w.fetch(t, address) {
			lies[m.Root.Value("Subject")]++
		}
	}
	t.Logf("%d messages were taken", len(taken))
	if len(taken) < 10 {
		t.Fatal("that is no load")
	}
	for _, subject := range taken {
		for _, prefix := range []string{"POSTA CERTIFICATA: ", "ACCETTAZIONE: ", "CONSEGNA: "} {
			if n := lies[prefix+subject]; n != 1 {
				t.Errorf("%s%s lies there %d times, want once", strings.ToLower(prefix), subject, n)
			}
		}
	}
}
