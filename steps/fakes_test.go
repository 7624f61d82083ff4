package steps

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// testCertificate makes a server certificate for 127.0.0.1, and its PEM form
// for those who are to trust it.
func testCertificate(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: testNow().AddDate(-20, 0, 0), NotAfter: testNow().AddDate(20, 0, 0),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// fakeSMTP is an SMTP server that says what a test tells it to and remembers
// what it heard, octet by octet.
type fakeSMTP struct {
	address string
	config  *tls.Config
	// answer gives the reply to a command line, "" for the usual one, and
	// "close" to hang up.
	answer func(command string) string

	mu       sync.Mutex
	commands []string
	messages [][]byte // as they come after DATA, dots removed
}

func startSMTP(t *testing.T, certificate tls.Certificate, implicit bool, answer func(string) string) *fakeSMTP {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fakeSMTP{address: listener.Addr().String(), answer: answer, config: &tls.Config{Certificates: []tls.Certificate{certificate}}}
	if implicit {
		listener = tls.NewListener(listener, f.config)
	}
	var sessions sync.WaitGroup
	sessions.Add(1)
	go func() {
		defer sessions.Done()
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			sessions.Add(1)
			go func() { defer sessions.Done(); f.serve(conn) }()
		}
	}()
	t.Cleanup(func() { _ = listener.Close(); sessions.Wait() })
	return f
}

func (f *fakeSMTP) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	r := bufio.NewReader(conn)
	say := func(text string) { _, _ = conn.Write([]byte(text + "\r\n")) }
	say("220 fake")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		f.mu.Lock()
		f.commands = append(f.commands, line)
		f.mu.Unlock()
		reply := ""
		if f.answer != nil {
			reply = f.answer(line)
		}
		if reply == "close" {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch {
		case reply != "":
			say(reply)
		case verb == "EHLO":
			say("250-fake\r\n250-STARTTLS\r\n250-8BITMIME\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 1000000")
		case verb == "AUTH" && strings.HasSuffix(line, "PLAIN"), verb == "AUTH" && strings.HasSuffix(line, "LOGIN"):
			say("334 VXNlcm5hbWU6")
		case verb == "AUTH":
			say("235 2.7.0 welcome")
		case verb == "STARTTLS":
			say("220 go ahead")
			over := tls.Server(conn, f.config)
			conn, r = over, bufio.NewReader(over)
			say = func(text string) { _, _ = over.Write([]byte(text + "\r\n")) }
		case verb == "DATA":
			say("354 go on")
			message, ok := unstuffed(r)
			if !ok {
				return
			}
			f.mu.Lock()
			f.messages = append(f.messages, message)
			f.mu.Unlock()
			final := "250 2.0.0 taken"
			if f.answer != nil {
				if other := f.answer("."); other != "" {
					final = other
				}
			}
			say(final)
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 2.0.0 fine")
		}
	}
}

// unstuffed reads a message as RFC 5321 4.5.2 has it: lines end in CRLF only.
func unstuffed(r *bufio.Reader) ([]byte, bool) {
	var message, line []byte
	for {
		c, err := r.ReadByte()
		if err != nil {
			return nil, false
		}
		line = append(line, c)
		if !bytes.HasSuffix(line, []byte("\r\n")) {
			continue
		}
		if len(line) == 3 && line[0] == '.' {
			return message, true
		}
		if line[0] == '.' {
			line = line[1:]
		}
		message, line = append(message, line...), nil
	}
}

func (f *fakeSMTP) heard() ([]string, [][]byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.commands...), append([][]byte(nil), f.messages...)
}

// startIMAP serves mailboxes over TLS, with the octets they are given.
func startIMAP(t *testing.T, certificate tls.Certificate, accounts []Mailbox, wraps ...func(net.Conn) net.Conn) (address string, users map[string]*imapmemserver.User) {
	t.Helper()
	memory := imapmemserver.New()
	users = map[string]*imapmemserver.User{}
	for _, a := range accounts {
		user := imapmemserver.NewUser(a.User, a.Password.Reveal())
		if err := user.Create("INBOX", nil); err != nil {
			t.Fatal(err)
		}
		memory.AddUser(user)
		users[a.Address] = user
	}
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}},
		InsecureAuth: len(wraps) > 0, // the server does not see the TLS under them
		Logger:       log.New(io.Discard, "", 0),
	})
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		t.Fatal(err)
	}
	for _, wrap := range wraps {
		listener = &wrapping{listener, wrap}
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return listener.Addr().String(), users
}

type literal struct {
	*strings.Reader
}

func (l literal) Size() int64 { return l.Reader.Size() }

func put(t *testing.T, user *imapmemserver.User, octets string) {
	t.Helper()
	if _, err := user.Append("INBOX", literal{strings.NewReader(octets)}, &imap.AppendOptions{Time: testNow()}); err != nil {
		t.Fatal(err)
	}
}
