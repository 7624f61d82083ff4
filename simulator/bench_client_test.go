package simulator_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net/textproto"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/smtp"
)

// submitter is a mail program with one connection that is kept. It is as cheap
// as can be, since it shares the machine with what is measured.
type submitter struct {
	conn *textproto.Conn
	data bool // by DATA, not by BDAT
}

// submitter signs in at the submission service of the sender's provider.
func (w *world) submitter(b *testing.B, data bool) *submitter {
	b.Helper()
	a, hosts := w.account(b, anna)
	conn, err := tls.Dial("tcp", hosts.SubmissionTLS, w.trust)
	if err != nil {
		b.Fatal(err)
	}
	s := &submitter{conn: textproto.NewConn(conn), data: data}
	b.Cleanup(func() { _ = s.conn.Close() })
	login := base64.StdEncoding.EncodeToString([]byte("\x00" + a.User + "\x00" + a.Password))
	if _, _, err := s.conn.ReadResponse(220); err != nil {
		b.Fatal(err)
	}
	for _, step := range []struct {
		command string
		code    int
	}{{"EHLO client.example", 250}, {"AUTH PLAIN " + login, 235}} {
		if err := s.conn.PrintfLine("%s", step.command); err != nil {
			b.Fatal(err)
		}
		if _, _, err := s.conn.ReadResponse(step.code); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// work submits messages, each when the one before has been delivered.
func (s *submitter) work(b *testing.B, r *receipts, body string, work <-chan int) {
	for i := range work {
		m := mail{from: anna, to: []string{bruno}, subject: fmt.Sprintf("Prova %d", i), body: body}
		octets := m.octets()
		there := r.expect(fmt.Sprintf("<Prova.%d@client.example>", i))
		began := time.Now()
		if err := s.submit(octets); err != nil {
			b.Errorf("message %d: %v", i, err)
			return
		}
		select {
		case <-there:
		case <-time.After(time.Minute):
			b.Errorf("message %d was not delivered within a minute", i)
			return
		}
		r.mu.Lock()
		r.took = append(r.took, time.Since(began))
		r.mu.Unlock()
	}
}

// submit carries out one transaction, its commands at once (PIPELINING).
func (s *submitter) submit(octets []byte) error {
	commands := fmt.Sprintf("MAIL FROM:<%s> SIZE=%d\r\nRCPT TO:<%s>\r\n", anna, len(octets), bruno)
	codes := []int{250, 250, 250}
	if s.data {
		commands, codes = commands+"DATA\r\n", []int{250, 250, 354}
	} else {
		commands += fmt.Sprintf("BDAT %d LAST\r\n", len(octets))
	}
	content := octets
	if s.data {
		content = nil
	}
	if err := s.send([]byte(commands), content); err != nil {
		return err
	}
	for _, code := range codes {
		if _, _, err := s.conn.ReadResponse(code); err != nil {
			return err
		}
	}
	if !s.data {
		return nil
	}
	if err := s.send(smtp.Stuffed(octets)); err != nil {
		return err
	}
	_, _, err := s.conn.ReadResponse(250)
	return err
}

func (s *submitter) send(all ...[]byte) error {
	for _, octets := range all {
		if _, err := s.conn.W.Write(octets); err != nil {
			return err
		}
	}
	return s.conn.W.Flush()
}

// processor is the processor time that this process has spent.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// signings is how fast this machine makes RSA-2048 signatures.
type signings struct {
	perSecond float64       // on all its cores
	cost      time.Duration // of one, in processor time
}

func signingRate(b *testing.B) signings {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("x"))
	const span = 500 * time.Millisecond
	var wg sync.WaitGroup
	count := make([]int, runtime.GOMAXPROCS(0))
	began, spent := time.Now(), processor(b)
	for i := range count {
		wg.Go(func() {
			for time.Since(began) < span {
				if _, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:]); err != nil {
					b.Error(err)
					return
				}
				count[i]++
			}
		})
	}
	wg.Wait()
	total := 0
	for _, n := range count {
		total += n
	}
	return signings{float64(total) / time.Since(began).Seconds(), (processor(b) - spent) / time.Duration(total)}
}
