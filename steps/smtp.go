package steps

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/steps/reach"
)

// ErrUnreachable marks a service of the target that does not answer, or whose
// TLS handshake fails.
var ErrUnreachable = errors.New("the target is unreachable")

// ErrListen marks an address that the harness was to listen on and cannot.
var ErrListen = errors.New("the harness cannot listen")

// ErrLogin marks credentials that the target refuses.
var ErrLogin = errors.New("the target refuses the login")

const (
	maxReplyLine  = 8 << 10
	maxReplyLines = 200
)

// smtpSession is one SMTP connection, driven line by line. It repairs nothing:
// what it is given goes out as it is, with the dots of RFC 5321 4.5.2 and
// nothing else added.
type smtpSession struct {
	conn   net.Conn
	reader *bufio.Reader
	log    *transcript
	stop   func() bool // ends the watch on the context

	extensions map[string]string // EHLO keyword, upper case → parameters
	said       string            // text of the last reply, as it was said
	secure     bool
	broken     error // why the connection is of no more use
}

// dialSMTP connects as the target's patience has it: a service that takes the
// connection and says nothing is given up in time for the scenario to go on.
func (w *World) dialSMTP(ctx context.Context, address string, config *tls.Config, log *transcript) (*smtpSession, error) {
	return dialSMTPWithin(ctx, w.options.Patience.Filled().Connect, w.options.Door, address, config, log)
}

// dialSMTPWithin connects through the door and reads the greeting, which must be
// there when the patience is over. config nil means no implicit TLS.
func dialSMTPWithin(ctx context.Context, patience time.Duration, door *reach.Door, address string, config *tls.Config, log *transcript) (*smtpSession, error) {
	if address == "" {
		return nil, fmt.Errorf("%w: the target names no address for this service", ErrUnreachable)
	}
	conn, err := door.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	greeted, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	hangUp := context.AfterFunc(greeted, func() { conn.Close() })
	s := &smtpSession{conn: conn, log: log}
	s.watch(ctx)
	log.note("connected to %s", address)
	if config != nil {
		if err := s.handshake(greeted, config); err != nil {
			s.close()
			return nil, err
		}
	}
	s.reader = bufio.NewReaderSize(s.conn, maxReplyLine)
	r := s.read()
	if !hangUp() { // else the connection stays with the context of the session alone
		s.close()
		return nil, fmt.Errorf("%w: %s took the connection and did not greet within %v: %w", ErrUnreachable, address, patience, context.Cause(greeted))
	}
	if !r.OK() {
		s.close()
		return nil, fmt.Errorf("%w: %s greeted with %q", ErrUnreachable, address, describeReply(r))
	}
	return s, nil
}

// watch ends whatever the session waits for when the context ends.
func (s *smtpSession) watch(ctx context.Context) {
	conn := s.conn
	s.stop = context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
}

func (s *smtpSession) handshake(ctx context.Context, config *tls.Config) error {
	over := tls.Client(s.conn, config)
	if err := over.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("%w: TLS handshake with %s: %w", ErrUnreachable, s.conn.RemoteAddr(), err)
	}
	s.conn, s.secure = over, true
	s.reader = bufio.NewReaderSize(over, maxReplyLine)
	s.log.note("%s", tls.VersionName(over.ConnectionState().Version))
	return nil
}

// startTLS asks for STARTTLS and carries the handshake out.
func (s *smtpSession) startTLS(ctx context.Context, config *tls.Config) (evidence.Reply, error) {
	r := s.command("STARTTLS")
	if r.Code != 220 {
		return r, nil
	}
	if n := s.reader.Buffered(); n > 0 {
		return r, fmt.Errorf("the server sent %d octets between its reply to STARTTLS and the handshake", n)
	}
	return r, s.handshake(ctx, config)
}

// hello greets with EHLO, or with HELO where extensions are not wanted.
func (s *smtpSession) hello(verb, name string) evidence.Reply {
	r := s.command(verb + " " + name)
	s.extensions = map[string]string{}
	for i, line := range strings.Split(s.said, "\n") {
		if keyword, parameters, _ := strings.Cut(line, " "); i > 0 && r.OK() {
			s.extensions[strings.ToUpper(keyword)] = parameters
		}
	}
	return r
}

func (s *smtpSession) offers(keyword string) bool { _, ok := s.extensions[keyword]; return ok }

// command sends one line and reads its reply.
func (s *smtpSession) command(line string) evidence.Reply {
	s.log.client(line)
	return s.exchange(line + "\r\n")
}

// secret sends one line that the transcript must not show.
func (s *smtpSession) secret(shown, line string) evidence.Reply {
	s.log.client(shown)
	return s.exchange(line + "\r\n")
}

func (s *smtpSession) exchange(line string) evidence.Reply {
	if s.broken != nil {
		return evidence.Reply{Text: s.broken.Error()}
	}
	if _, err := io.WriteString(s.conn, line); err != nil {
		return s.fail(err)
	}
	return s.read()
}

// auth signs in with SASL PLAIN or LOGIN.
func (s *smtpSession) auth(mechanism, user, password string) evidence.Reply {
	encode := base64.StdEncoding.EncodeToString
	if mechanism == "PLAIN" {
		return s.secret("AUTH PLAIN "+removed, "AUTH PLAIN "+encode([]byte("\x00"+user+"\x00"+password)))
	}
	for _, answer := range []string{user, password} {
		if answer == user {
			if r := s.command("AUTH LOGIN"); r.Code != 334 {
				return r
			}
		}
		r := s.secret(removed, encode([]byte(answer)))
		if answer == password || r.Code != 334 {
			return r
		}
	}
	return evidence.Reply{}
}

// data sends DATA and, when the server asks for it, the message.
func (s *smtpSession) data(octets []byte) evidence.Reply {
	if !bytes.HasSuffix(octets, []byte("\r\n")) {
		return s.fail(errors.New("a message that does not end in CRLF cannot go through DATA unaltered"))
	}
	if r := s.command("DATA"); r.Code != 354 {
		return r
	}
	s.log.note("%d octets of message", len(octets))
	out := bufio.NewWriterSize(s.conn, 64<<10)
	if err := writeStuffed(out, octets); err != nil {
		// A server may refuse and close before it has read everything: its
		// last words are worth more than our broken pipe.
		if r := s.read(); r.Code != 0 {
			return r
		}
		return s.fail(err)
	}
	return s.read()
}

// writeStuffed writes a message as DATA carries it: a dot before each line
// that begins with one, and the line of one dot at the end (RFC 5321 4.5.2).
// The message ends in CRLF.
func writeStuffed(out *bufio.Writer, octets []byte) error {
	for len(octets) > 0 {
		if octets[0] == '.' {
			if err := out.WriteByte('.'); err != nil {
				return err
			}
		}
		line, rest, _ := bytes.Cut(octets, []byte("\r\n"))
		if _, err := out.Write(octets[:len(line)+2]); err != nil {
			return err
		}
		octets = rest
	}
	if _, err := out.WriteString(".\r\n"); err != nil {
		return err
	}
	return out.Flush()
}

var enhancedCode = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}(?: |$)`)

// read takes one reply, of one or several lines. Its text goes into evidence: it
// holds no secret that the server repeats.
func (s *smtpSession) read() evidence.Reply {
	if s.broken != nil {
		return evidence.Reply{Text: s.broken.Error()}
	}
	var reply evidence.Reply
	var texts []string
	for range maxReplyLines {
		line, err := s.reader.ReadSlice('\n')
		if err != nil {
			return s.fail(err)
		}
		text := strings.TrimRight(string(line), "\r\n")
		s.log.server(text)
		if len(text) < 3 || strings.Trim(text[:3], "0123456789") != "" {
			return s.fail(fmt.Errorf("the server answered %.80q, which is no SMTP reply", s.log.hide(text)))
		}
		reply.Code = int(text[0]-'0')*100 + int(text[1]-'0')*10 + int(text[2]-'0')
		rest := text[3:]
		more := strings.HasPrefix(rest, "-")
		if rest != "" {
			rest = rest[1:]
		}
		if code := enhancedCode.FindString(rest); code != "" {
			reply.Enhanced = strings.TrimSpace(code)
			rest = rest[len(code):]
		}
		texts = append(texts, rest)
		if !more {
			s.said = strings.Join(texts, "\n")
			reply.Text = s.log.hide(s.said)
			return reply
		}
	}
	return s.fail(fmt.Errorf("a reply of more than %d lines", maxReplyLines))
}

// fail notes that the connection is of no more use. The reply has code 0.
func (s *smtpSession) fail(err error) evidence.Reply {
	if s.broken == nil {
		s.broken = err
		s.log.note("the connection ended: %v", err)
	}
	return evidence.Reply{Text: "connection ended: " + err.Error()}
}

// quit says goodbye and closes.
func (s *smtpSession) quit() {
	if s.broken == nil {
		s.command("QUIT")
	}
	s.close()
}

func (s *smtpSession) close() {
	if s.stop != nil {
		s.stop()
	}
	_ = s.conn.Close()
}

func describeReply(r evidence.Reply) string {
	if r.Code == 0 {
		return r.Text
	}
	return fmt.Sprintf("%d %s", r.Code, r.Text)
}
