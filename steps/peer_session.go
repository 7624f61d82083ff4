package steps

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// Bounds of what a peer takes from the target.
const (
	maxPeerCommand = 4 << 10
	maxPeerMessage = 80 << 20
	maxPeerHeld    = 256 << 20
	maxPeerRCPT    = 2000
)

// peerSession is one SMTP session at the incoming point of a peer.
type peerSession struct {
	point  *incomingPoint
	owner  *World // of the point when the session began
	conn   net.Conn
	reader *bufio.Reader
	manner string
	log    *transcript
	record evidence.Intake // of the transaction that is going on
	told   bool            // a transaction of this session is in evidence already
	code   int             // last reply
}

// serve goes through one session. Connections that are refused are reset at
// once, as a host does where nobody listens.
func (p *incomingPoint) serve(ctx context.Context, conn net.Conn, manner string, owner *World) {
	s := &peerSession{point: p, owner: owner, conn: conn, reader: bufio.NewReaderSize(conn, maxPeerCommand), manner: manner, log: newTranscript("", "")}
	// Until the session has left something for evidence it is work in hand:
	// whoever waits for things to settle has to see how it ends.
	p.begins()
	s.begin()
	if manner == mannerNoConnection {
		if over, is := conn.(*net.TCPConn); is {
			_ = over.SetLinger(0)
		}
		_ = conn.Close()
		s.log.note("the connection was refused")
		s.keep(nil)
		return
	}
	defer func() { _ = s.conn.Close() }()
	err := s.talk(ctx)
	if err != nil && !errors.Is(err, io.EOF) {
		s.log.note("the session ended: %v", err)
	}
	if !s.told {
		s.keep(nil)
	}
}

// begin starts the record of a transaction.
func (s *peerSession) begin() {
	from, secure := s.record.From, s.record.TLS
	s.record = evidence.Intake{
		Peer: s.point.peer.Name, Manner: s.manner, At: s.owner.now().UTC(), From: from, TLS: secure,
		OfferedTLS: s.offersTLS(),
	}
}

func (s *peerSession) offersTLS() bool {
	return s.manner != mannerNoSTARTTLS && s.manner != mannerNoConnection
}

// keep leaves the transaction for evidence.
func (s *peerSession) keep(octets []byte) {
	s.record.Code = s.code
	if octets != nil {
		sum := sha256.Sum256(octets)
		s.record.SHA256 = hex.EncodeToString(sum[:])
	}
	p := s.point
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.kept(octets) {
		p.seen = append(p.seen, intake{s.record, octets, s.log})
	}
	if !s.told {
		s.told = true
		p.working--
		p.changed.Broadcast()
	}
}

func (s *peerSession) say(code int, lines ...string) error {
	s.code = code
	for i, line := range lines {
		mark := " "
		if i < len(lines)-1 {
			mark = "-"
		}
		text := fmt.Sprintf("%d%s%s", code, mark, line)
		s.log.server(text)
		if _, err := io.WriteString(s.conn, text+"\r\n"); err != nil {
			return err
		}
	}
	return nil
}

// talk answers commands until the session ends.
func (s *peerSession) talk(ctx context.Context) error {
	if err := s.say(220, domainOf(s.point.peer.ServiceAddress)+" ESMTP"); err != nil {
		return err
	}
	for {
		if err := s.conn.SetDeadline(time.Now().Add(sessionPatience)); err != nil {
			return err
		}
		line, err := s.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		command := strings.TrimRight(string(line), "\r\n")
		s.log.client(command)
		verb, argument, _ := strings.Cut(command, " ")
		done, err := s.command(ctx, strings.ToUpper(verb), strings.TrimSpace(argument))
		if err != nil || done {
			return err
		}
	}
}

func (s *peerSession) command(ctx context.Context, verb, argument string) (done bool, err error) {
	switch verb {
	case "EHLO", "HELO":
		s.record.From = argument
		lines := []string{domainOf(s.point.peer.ServiceAddress), "8BITMIME", "PIPELINING", fmt.Sprintf("SIZE %d", maxPeerMessage)}
		if s.offersTLS() && !s.record.TLS {
			lines = append(lines, "STARTTLS")
		}
		if verb == "HELO" {
			lines = lines[:1]
		}
		return false, s.say(250, lines...)
	case "STARTTLS":
		return s.startTLS(ctx)
	case "MAIL":
		s.begin()
		s.record.ReversePath = pathOf(argument)
		return false, s.say(250, "2.1.0 ok")
	case "RCPT":
		return false, s.recipient(pathOf(argument))
	case "DATA":
		return false, s.data() //nolint:contextcheck // answers outlive the session, and end with the point's owner
	case "RSET":
		s.begin()
		return false, s.say(250, "2.0.0 ok")
	case "NOOP":
		return false, s.say(250, "2.0.0 ok")
	case "QUIT":
		return true, s.say(221, "2.0.0 bye")
	}
	return false, s.say(502, "5.5.1 not known here")
}

// pathOf takes the path out of FROM:<…> or TO:<…>.
func pathOf(argument string) string {
	_, path, _ := strings.Cut(argument, "<")
	path, _, _ = strings.Cut(path, ">")
	return path
}

func (s *peerSession) startTLS(ctx context.Context) (done bool, err error) {
	if !s.offersTLS() || s.record.TLS {
		return false, s.say(502, "5.5.1 not offered")
	}
	if err := s.say(220, "2.0.0 go ahead"); err != nil {
		return true, err
	}
	config := s.point.config
	switch s.manner {
	case mannerBrokenSTARTTLS:
		s.log.note("the handshake is broken off")
		_, _ = io.WriteString(s.conn, "this is no handshake\r\n")
		return true, nil
	case mannerBadCertificate:
		config = s.point.bad
	}
	over := tls.Server(s.conn, config)
	if err := over.HandshakeContext(ctx); err != nil {
		return true, fmt.Errorf("TLS handshake: %w", err)
	}
	s.log.note("%s", tls.VersionName(over.ConnectionState().Version))
	s.conn, s.reader, s.record.TLS = over, bufio.NewReaderSize(over, maxPeerCommand), true
	return false, nil
}

func (s *peerSession) recipient(address string) error {
	s.record.Recipients = append(s.record.Recipients, address)
	switch {
	case s.manner == mannerRefuses:
		err := s.say(550, "5.1.1 <"+address+">: no such mailbox")
		s.keep(nil)
		return err
	case s.manner == mannerDefers:
		err := s.say(451, "4.3.0 not now, come back later")
		s.keep(nil)
		return err
	case len(s.record.Recipients) > maxPeerRCPT:
		s.record.Recipients = s.record.Recipients[:maxPeerRCPT]
		return s.say(452, "4.5.3 too many recipients")
	}
	return s.say(250, "2.1.5 ok")
}

// data takes a message. From here on the point has work in hand, until the
// message is kept and what answers it has been sent.
func (s *peerSession) data() error {
	if len(s.record.Recipients) == 0 || s.manner == mannerRefuses || s.manner == mannerDefers {
		return s.say(503, "5.5.1 no valid recipients")
	}
	s.point.begins()
	defer s.point.ends()
	if err := s.say(354, "go on"); err != nil {
		return err
	}
	octets, err := readStuffed(s.reader)
	if err != nil {
		return err
	}
	if !s.room(int64(len(octets))) {
		err := s.say(552, "5.3.4 too much for this scenario")
		s.keep(nil)
		return err
	}
	s.code = 250
	s.keep(octets)
	s.took(octets)
	return s.say(250, "2.0.0 taken")
}

// errTooLarge ends a session that sends more than anybody needs.
var errTooLarge = errors.New("the message is larger than the harness takes in")

// readStuffed reads what follows DATA, octet by octet as RFC 5321 4.5.2 has it:
// only CRLF ends a line, so bare CR and LF stay what they are.
func readStuffed(r *bufio.Reader) ([]byte, error) {
	var message, line []byte
	for {
		chunk, err := r.ReadSlice('\n')
		line = append(line, chunk...)
		if len(message)+len(line) > maxPeerMessage {
			return nil, errTooLarge
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		if !bytes.HasSuffix(line, []byte("\r\n")) {
			continue
		}
		if len(line) == 3 && line[0] == '.' {
			return slices.Clip(message), nil
		}
		if line[0] == '.' {
			line = line[1:]
		}
		message, line = append(message, line...), line[:0:0]
	}
}
