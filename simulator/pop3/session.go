package pop3

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/store"
)

// Limits of a session.
const (
	maxCommand  = 255   // octets of a command line (RFC 2449 4)
	maxResponse = 12288 // octets of an answer to a SASL challenge (RFC 5034 4)
	maxFaults   = 20    // commands that make no sense, before the client is cut off
	maxRefusals = 5     // wrong passwords, before the client is cut off
	handshake   = 30 * time.Second
)

// session is one client.
type session struct {
	o       *Options
	conn    net.Conn
	history *history.Writer
	reader  *bufio.Reader
	writer  *bufio.Writer
	secure  bool

	user     string // given by USER
	mailbox  string // "" before login; locked while it is set
	messages []store.Message
	validity uint32
	deleted  map[int]bool // by index
	faults   int
	refusals int
}

// errQuit ends a session.
var errQuit = errors.New("the session is over")

// speak begins to speak over a connection.
func (x *session) speak(conn net.Conn) {
	x.conn = conn
	x.reader = bufio.NewReaderSize(conn, maxResponse)
	x.writer = bufio.NewWriterSize(conn, 32<<10)
}

// encrypt shakes hands; a waiting budget limits it, in real time.
func (x *session) encrypt() error {
	secure := tls.Server(x.conn, x.o.TLS)
	ctx, cancel := context.WithTimeout(context.Background(), handshake)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		x.history.Line(history.Note, "TLS handshake: "+err.Error())
		return err
	}
	x.history.Secured(secure.ConnectionState().Version)
	x.secure = true
	x.speak(secure)
	return nil
}

func (x *session) run() {
	x.speak(x.conn)
	if !x.o.STLS && x.encrypt() != nil {
		return
	}
	if x.ok("POP3 server ready") != nil {
		return
	}
	for {
		line, err := x.line(maxCommand)
		if err != nil {
			return // the client is gone, or silent; nothing is deleted
		}
		if err := x.command(line); err != nil {
			return
		}
	}
}

// line reads a line of the client, without its end.
func (x *session) line(limit int) (string, error) {
	if err := x.writer.Flush(); err != nil {
		return "", err
	}
	line, err := x.reader.ReadSlice('\n')
	x.history.Count(len(line), 0)
	if errors.Is(err, bufio.ErrBufferFull) || err == nil && len(line) > limit+2 {
		x.history.Line(history.Client, fmt.Sprintf("[a line of more than %d octets]", limit))
		_ = x.fail("", "the line is too long")
		_ = x.writer.Flush()
		return "", errQuit
	}
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

// say writes a line.
func (x *session) say(text string) error {
	x.history.Line(history.Server, text)
	x.history.Count(0, len(text)+2)
	_, err := x.writer.WriteString(text + "\r\n")
	return err
}

func (x *session) ok(text string) error { return x.say("+OK " + text) }

// fail answers that something was not done; code is a response code (RFC 2449 8),
// or "".
func (x *session) fail(code, text string) error {
	if code != "" {
		text = "[" + code + "] " + text
	}
	return x.say("-ERR " + text)
}

// senseless answers a command that cannot be; too many of them end the session.
func (x *session) senseless(text string) error {
	x.faults++
	if err := x.fail("", text); err != nil {
		return err
	}
	if x.faults >= maxFaults {
		return x.end()
	}
	return nil
}

// end sends what is to be sent and ends the session.
func (x *session) end() error {
	_ = x.writer.Flush()
	return errQuit
}

// command carries out a command; an error ends the session.
func (x *session) command(line string) error {
	verb, argument, _ := strings.Cut(line, " ")
	verb = strings.ToUpper(verb)
	x.history.Line(history.Client, shown(verb, line, argument))
	early, late := x.authorization(verb), x.transaction(verb)
	switch {
	case verb == "CAPA":
		return x.capabilities()
	case verb == "QUIT":
		return x.quit()
	case early != nil && x.mailbox == "":
		return early(argument)
	case late != nil && x.mailbox != "":
		return late(argument)
	case early != nil:
		return x.senseless(verb + " comes before the login, which is done")
	case late != nil:
		return x.senseless(verb + " comes after the login, which is still to be done")
	default:
		return x.senseless("unknown command")
	}
}

// shown is a command as the history may show it.
func shown(verb, line, argument string) string {
	switch verb {
	case "PASS":
		return line[:4] + " " + history.Removed
	case "AUTH":
		if mechanism, first, given := strings.Cut(argument, " "); given && first != "" {
			return line[:4] + " " + mechanism + " " + history.Removed
		}
	case "USER", "STLS", "CAPA", "QUIT", "STAT", "LIST", "RETR", "DELE", "NOOP", "RSET", "TOP", "UIDL":
	default: // a slip in PASS bears a password too
		if argument != "" {
			word, _, _ := strings.Cut(line, " ")
			return word + " " + history.Removed
		}
	}
	return line
}

// authorization is the command of that name before the login, transaction after
// it (RFC 1939 4, 5); nil when there is none.
func (x *session) authorization(verb string) func(argument string) error {
	switch verb {
	case "USER":
		return x.giveUser
	case "PASS":
		return x.givePassword
	case "AUTH":
		return x.authenticate
	case "STLS":
		return x.startTLS
	default:
		return nil
	}
}

func (x *session) transaction(verb string) func(argument string) error {
	switch verb {
	case "STAT":
		return x.stat
	case "LIST":
		return x.list
	case "UIDL":
		return x.uidl
	case "RETR":
		return x.retrieve
	case "TOP":
		return x.top
	case "DELE":
		return x.remove
	case "RSET":
		return x.reset
	case "NOOP":
		return x.noop
	default:
		return nil
	}
}

// capabilities are those of the state (RFC 2449 5).
func (x *session) capabilities() error {
	list := []string{"TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "EXPIRE NEVER"}
	switch {
	case x.secure:
		list = append(list, "USER", "SASL PLAIN LOGIN")
	default:
		list = append(list, "STLS")
	}
	return x.lines("Capability list follows", list)
}

// lines sends an answer of several lines, none of which begins with a dot.
func (x *session) lines(first string, list []string) error {
	if err := x.ok(first); err != nil {
		return err
	}
	for _, line := range list {
		if err := x.say(line); err != nil {
			return err
		}
	}
	return x.say(".")
}

// quit carries out the deletions (RFC 1939 6) and ends the session.
func (x *session) quit() error {
	var gone []uint32
	for i, m := range x.messages {
		if x.deleted[i] {
			gone = append(gone, m.UID)
		}
	}
	if len(gone) > 0 {
		if err := x.o.Store.Expunge(x.mailbox, store.Inbox, gone); err != nil {
			_ = x.fail("SYS/TEMP", "what was marked could not be deleted: "+err.Error())
			return x.end()
		}
	}
	x.release() // before the client knows: it may come back at once
	_ = x.ok("bye")
	return x.end()
}

// release gives the mailbox free.
func (x *session) release() {
	if x.mailbox != "" {
		x.o.Locks.release(x.mailbox)
		x.mailbox = ""
	}
}
