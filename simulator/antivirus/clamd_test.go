package antivirus_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/collaudo/collaudo/simulator/antivirus"
)

// daemon plays clamd: it reads one command, and a stream up to limit octets, and
// says what answer makes of them. A nil answer hangs up.
func daemon(t *testing.T, network, address string, limit int, answer func(command string, octets []byte) string) string {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				in := bufio.NewReader(conn)
				command, err := in.ReadString(0)
				if err != nil {
					return
				}
				command = strings.Trim(command, "z\x00")
				var octets []byte
				for command == "INSTREAM" {
					var length uint32
					if binary.Read(in, binary.BigEndian, &length) != nil {
						return
					}
					if len(octets)+int(length) > limit {
						_, _ = io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
						return
					}
					piece := make([]byte, length)
					if _, err := io.ReadFull(in, piece); err != nil {
						return
					}
					if octets = append(octets, piece...); length == 0 {
						break
					}
				}
				if says := answer(command, octets); says != "" {
					_, _ = io.WriteString(conn, says+"\x00")
				}
			}()
		}
	}()
	return l.Addr().String()
}

func clamd(t *testing.T, address string, o antivirus.ClamdOptions) *antivirus.Clamd {
	t.Helper()
	c, err := antivirus.NewClamd(address, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClamd(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("Buongiorno. ", 20_000)
	address := daemon(t, "tcp", "127.0.0.1:0", 1<<20, func(command string, octets []byte) string {
		switch text := string(octets); {
		case command == "PING":
			return "PONG"
		case command == "VERSION":
			return "ClamAV 1.4.3"
		case strings.Contains(text, "infetto"):
			return "stream: Prova.UNOFFICIAL FOUND"
		case strings.Contains(text, "troppo"):
			return "stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND"
		case text == large, text == "":
			return "stream: OK"
		}
		return "Can't allocate memory. ERROR"
	})
	c := clamd(t, address, antivirus.ClamdOptions{})
	if err := c.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if v, err := c.Version(t.Context()); v != "ClamAV 1.4.3" || err != nil {
		t.Errorf("version %q, %v", v, err)
	}
	tests := []struct {
		name, message string
		want          antivirus.Result
		fails         bool
	}{
		{"nothing", "", antivirus.Result{}, false},
		{"clean, in several chunks", large, antivirus.Result{}, false},
		{"infected", "infetto", antivirus.Result{Found: "Prova.UNOFFICIAL", Where: "message"}, false},
		{"a limit within", "troppo", antivirus.Result{Incomplete: "Heuristics.Limits.Exceeded.MaxFileSize"}, false},
		{"too large a stream", strings.Repeat("x", 8<<20), antivirus.Result{Incomplete: "StreamMaxLength of clamd"}, false},
		{"an error", "altro", antivirus.Result{}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := c.Look(t.Context(), []byte(test.message), nil)
			if got != test.want || errors.Is(err, antivirus.ErrUnavailable) != test.fails {
				t.Errorf("%+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

// Whoever does not answer plainly has not looked.
func TestClamdDown(t *testing.T) {
	t.Parallel()
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	_ = closed.Close()
	tests := map[string]string{
		"nobody listens":  nobody,
		"no such socket":  "unix:" + filepath.Join(t.TempDir(), "none"),
		"it hangs up":     daemon(t, "tcp", "127.0.0.1:0", 10, func(string, []byte) string { return "" }),
		"it says nothing": daemon(t, "tcp", "127.0.0.1:0", 10, func(string, []byte) string { <-never; return "" }),
		"half an answer":  daemon(t, "tcp", "127.0.0.1:0", 10, func(string, []byte) string { return "stream: " }),
		"somebody else":   daemon(t, "tcp", "127.0.0.1:0", 10, func(string, []byte) string { return "220 mail.example ESMTP OK" }),
	}
	for name, address := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := clamd(t, address, antivirus.ClamdOptions{Answer: 300 * time.Millisecond})
			if got, err := c.Look(t.Context(), []byte("x"), nil); !errors.Is(err, antivirus.ErrUnavailable) || got != (antivirus.Result{}) {
				t.Errorf("%+v, %v, want it unavailable", got, err)
			}
			if err := c.Ping(t.Context()); !errors.Is(err, antivirus.ErrUnavailable) {
				t.Errorf("ping: %v", err)
			}
		})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := clamd(t, nobody, antivirus.ClamdOptions{}).Look(ended, nil, nil); err == nil {
		t.Error("no error when the asker has gone")
	}
}

func TestClamdOverUnixSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "clamd")
	daemon(t, "unix", path, 10, func(string, []byte) string { return "PONG" })
	if err := clamd(t, "unix:"+path, antivirus.ClamdOptions{}).Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestNewClamdRefuses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "3310", "192.0.2.1:3310", "scanner.example:3310", "unix:clamd.ctl", ":3310"} {
		if _, err := antivirus.NewClamd(address, antivirus.ClamdOptions{}); err == nil {
			t.Errorf("%q: no error", address)
		}
	}
}

// A message is clean when all have looked and nobody has found anything.
func TestAll(t *testing.T) {
	t.Parallel()
	clean := antivirus.Patterns()
	finds := antivirus.Patterns(antivirus.Pattern{Name: "Prova", Bytes: []byte("CERCATO")})
	down := clamd(t, "unix:"+filepath.Join(t.TempDir(), "none"), antivirus.ClamdOptions{})
	tests := []struct {
		name  string
		all   antivirus.All
		found string
		fails bool
	}{
		{"nobody", nil, "", false},
		{"both find nothing", antivirus.All{clean, clean}, "", false},
		{"the second finds", antivirus.All{clean, finds}, "Prova", false},
		{"the second is down", antivirus.All{clean, down}, "", true},
		{"the first is down", antivirus.All{down, finds}, "", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := test.all.Look(t.Context(), []byte("Subject: x\r\n\r\nCERCATO "+string(antivirus.EICAR())), nil)
			if got.Found != test.found || (err != nil) != test.fails {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}
