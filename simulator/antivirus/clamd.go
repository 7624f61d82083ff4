package antivirus

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec/rawmime"
)

// ErrUnavailable says that an antivirus gave no answer about a message: it is
// down, too slow, or has lost its signatures.
var ErrUnavailable = errors.New("the antivirus does not answer")

// Clamd has messages looked through by a ClamAV daemon (clamd 0.95 and later),
// by INSTREAM: the octets go over the connection, so that the daemon needs no
// access to any file of ours.
//
// Two settings of the daemon matter. StreamMaxLength has to be larger than the
// largest message, else what is larger is held back as not verifiable. And
// "AlertExceedsMax yes" has it say where a limit of its own kept it from looking:
// without it, clamd calls what it has not looked at clean.
type Clamd struct {
	network, address string
	o                ClamdOptions
}

// ClamdOptions bound one question. The zero value of a field means its default.
type ClamdOptions struct {
	Connect time.Duration // to reach the daemon; default 5 s, of real time
	Answer  time.Duration // from the first octet to the answer; default 2 minutes, of real time
}

// chunk is how many octets go in one piece of a stream.
const chunk = 64 << 10

// maxAnswer bounds what the daemon says, in octets.
const maxAnswer = 4 << 10

// NewClamd describes a daemon by its address: host:port of TCPSocket, or
// unix:/path of LocalSocket. Nothing is asked yet; see Ping. An address that is
// not on this machine is an error: the protocol is neither encrypted nor
// authenticated, and messages would be read by whoever stands between.
func NewClamd(address string, o ClamdOptions) (*Clamd, error) {
	c := &Clamd{network: "tcp", address: address, o: o}
	if c.o.Connect <= 0 {
		c.o.Connect = 5 * time.Second
	}
	if c.o.Answer <= 0 {
		c.o.Answer = 2 * time.Minute
	}
	if path, local := strings.CutPrefix(address, "unix:"); local {
		if !strings.HasPrefix(path, "/") {
			return nil, fmt.Errorf("clamd address %q: want the full path of its socket, such as unix:/run/clamav/clamd.ctl", address)
		}
		c.network, c.address = "unix", path
		return c, nil
	}
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("clamd address %q: want a port on this machine, such as 127.0.0.1:3310, or unix:/path", address)
	}
	return c, nil
}

// Ping tells whether the daemon is up: nil, or an error that wraps ErrUnavailable.
func (c *Clamd) Ping(ctx context.Context) error {
	answer, err := c.ask(ctx, "PING", nil)
	if err == nil && answer != "PONG" {
		err = fmt.Errorf("%w: to PING it says %q, PONG was expected: is it clamd that listens on %s?", ErrUnavailable, answer, c.address)
	}
	return err
}

// Version is what the daemon says of itself, such as "ClamAV 1.4.3/27700/Sat Nov
// 21 2026": the engine, and the version and date of its daily signatures.
func (c *Clamd) Version(ctx context.Context) (string, error) { return c.ask(ctx, "VERSION", nil) }

// Look implements Engine.
func (c *Clamd) Look(ctx context.Context, message []byte, _ *rawmime.Entity) (Result, error) {
	answer, err := c.ask(ctx, "INSTREAM", message)
	if err != nil {
		return Result{}, err
	}
	return resultOf(answer)
}

// resultOf reads the daemon's answer about a stream. Whatever is neither a plain
// yes nor a plain no is no answer: nothing passes on a misunderstanding.
func resultOf(answer string) (Result, error) {
	said := strings.TrimPrefix(answer, "stream: ")
	found, infected := strings.CutSuffix(said, " FOUND")
	switch {
	case said == "OK":
		return Result{}, nil
	case infected && strings.HasPrefix(found, "Heuristics.Limits.Exceeded"):
		return Result{Incomplete: found}, nil
	case infected && found != "":
		return Result{Found: found, Where: "message"}, nil
	case strings.HasPrefix(said, "INSTREAM size limit exceeded"):
		return Result{Incomplete: "StreamMaxLength of clamd"}, nil
	}
	return Result{}, fmt.Errorf("%w: about the message it says %q, OK or FOUND was expected", ErrUnavailable, answer)
}

// ask sends one command, and octets after it where there are some, and returns
// the answer. Every failure wraps ErrUnavailable.
func (c *Clamd) ask(ctx context.Context, command string, octets []byte) (string, error) {
	answer, err := c.exchange(ctx, command, octets)
	if err != nil && !errors.Is(err, ErrUnavailable) {
		err = fmt.Errorf("%w: clamd on %s: %w", ErrUnavailable, c.address, err)
	}
	return answer, err
}

func (c *Clamd) exchange(ctx context.Context, command string, octets []byte) (string, error) {
	dialer := net.Dialer{Timeout: c.o.Connect}
	conn, err := dialer.DialContext(ctx, c.network, c.address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if err := conn.SetDeadline(time.Now().Add(c.o.Answer)); err != nil {
		return "", err
	}
	// It is heard while we speak: a daemon that has had enough says so and hangs
	// up, and an answer that nobody was reading is lost with the connection.
	type heard struct {
		answer string
		err    error
	}
	answers := make(chan heard, 1)
	go func() {
		answer, err := bufio.NewReader(io.LimitReader(conn, maxAnswer)).ReadString(0)
		answers <- heard{strings.TrimSpace(strings.TrimSuffix(answer, "\x00")), err}
	}()
	said := c.say(conn, command, octets)
	if said != nil { // whatever it answered before it hung up comes within a moment, or not at all
		_ = conn.SetReadDeadline(time.Now().Add(time.Second))
	}
	got := <-answers
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case got.err == nil:
		return got.answer, nil
	case said != nil:
		return "", fmt.Errorf("send %s: %w", command, said)
	}
	return "", fmt.Errorf("wait for the answer to %s: %w", command, got.err)
}

// say writes a command, and a stream in chunks that are preceded by their length.
func (c *Clamd) say(conn net.Conn, command string, octets []byte) error {
	if _, err := io.WriteString(conn, "z"+command+"\x00"); err != nil || command != "INSTREAM" {
		return err
	}
	var length [4]byte
	for len(octets) > 0 {
		n := min(len(octets), chunk)
		binary.BigEndian.PutUint32(length[:], uint32(n)) //nolint:gosec // at most chunk
		pieces := net.Buffers{length[:], octets[:n]}
		if _, err := pieces.WriteTo(conn); err != nil {
			return err
		}
		octets = octets[n:]
	}
	_, err := conn.Write([]byte{0, 0, 0, 0})
	return err
}
