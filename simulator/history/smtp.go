package history

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// smtpDialogue follows an SMTP session (RFC 5321) as its server sees it.
type smtpDialogue struct {
	w      *Writer
	said   lines // by the client
	told   lines // by the server
	mode   smtpMode
	size   int64  // of the message under way, as it is on the wire
	tail   []byte // its last octets, where its end may have begun
	left   int64  // octets of the chunk under way
	taking bool   // a message is announced or over, and neither taken nor answered
	open   int    // commands that are not answered yet
}

// smtpMode says what the client's next octets are.
type smtpMode int

const (
	smtpCommands smtpMode = iota
	smtpAsking            // DATA was said: what follows depends on the answer
	smtpMessage           // up to the dot
	smtpTaking            // after a message: they wait, so that it is named before them
	smtpSecret            // answers of an AUTH exchange
)

func (d *smtpDialogue) fromServer(b []byte, wrote bool) bool {
	return wrote && len(b) > 3 && isDigit(b[0]) && isDigit(b[1]) && isDigit(b[2]) && (b[3] == ' ' || b[3] == '-')
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// errEndless says that a command has no end. The library's limit on lines is one
// for commands and messages alike, so it is as long as a message may be; RFC 5321
// 4.5.3.1.4 asks for 512 octets of a command.
var errEndless = fmt.Errorf("a command of more than %d octets", maxHeld)

func (d *smtpDialogue) client(b []byte) error {
	for len(b) > 0 {
		switch {
		case d.left > 0:
			n := min(int64(len(b)), d.left)
			d.left -= n
			b = b[n:]
			if d.left == 0 && d.taking {
				d.mode = smtpTaking
			}
		case d.mode == smtpMessage:
			b = d.messageOctets(b)
		case d.mode == smtpAsking, d.mode == smtpTaking:
			d.said.hold(b)
			return nil
		default:
			text, rest, whole := d.said.next(b)
			b = rest
			if whole {
				d.command(text)
			} else if d.said.full() {
				return errEndless
			}
		}
	}
	return nil
}

var endOfMessage = []byte("\r\n.\r\n")

// messageOctets passes over a message, and returns what follows it.
func (d *smtpDialogue) messageOctets(b []byte) (rest []byte) {
	near := append(d.tail, b[:min(len(b), len(endOfMessage)-1)]...)
	if i := bytes.Index(near, endOfMessage); i >= 0 {
		return d.messageEnds(b, i+len(endOfMessage)-len(d.tail))
	}
	if i := bytes.Index(b, endOfMessage); i >= 0 {
		return d.messageEnds(b, i+len(endOfMessage))
	}
	d.size += int64(len(b))
	d.tail = append([]byte(nil), near[max(0, len(near)-len(endOfMessage)+1):]...)
	if len(b) >= len(endOfMessage) {
		d.tail = append([]byte(nil), b[len(b)-len(endOfMessage)+1:]...)
	}
	return nil
}

func (d *smtpDialogue) messageEnds(b []byte, end int) (rest []byte) {
	d.size += int64(end)
	d.mode, d.taking = smtpTaking, true
	d.open++
	return b[end:]
}

// command writes down a line of the client, without what is secret.
func (d *smtpDialogue) command(text string) {
	d.open++
	if d.mode == smtpSecret {
		d.w.Line(Client, Removed)
		return
	}
	verb, argument, _ := strings.Cut(text, " ")
	switch strings.ToUpper(verb) {
	case "AUTH":
		d.mode = smtpSecret
		if mechanism, first, given := strings.Cut(argument, " "); given && first != "" {
			text = verb + " " + mechanism + " " + Removed
		}
	case "DATA":
		d.mode = smtpAsking
	case "BDAT":
		size, last, _ := strings.Cut(argument, " ")
		if n, err := strconv.ParseInt(size, 10, 32); err == nil && n >= 0 {
			d.left, d.size = n, n
			d.taking = strings.EqualFold(strings.TrimSpace(last), "LAST")
		}
	}
	d.w.Line(Client, text)
}

func (d *smtpDialogue) server(b []byte) {
	for len(b) > 0 {
		text, rest, whole := d.told.next(b)
		b = rest
		if whole {
			d.reply(text)
		}
	}
}

func (d *smtpDialogue) reply(text string) {
	goesOn := strings.HasPrefix(text, "3")
	more := len(text) > 3 && text[3] == '-'
	if !more && d.open > 0 {
		d.open--
	}
	last := !more && d.open == 0                     // the answer to what was said last
	if last && (d.taking || d.mode == smtpMessage) { // answered before it was taken
		d.w.Line(Client, fmt.Sprintf("[%d octets of a message that was not taken]", d.size))
		d.goOn()
	}
	d.w.Line(Server, text)
	switch {
	case d.mode == smtpSecret && !goesOn:
		d.mode = smtpCommands
	case d.mode == smtpAsking && last:
		d.mode = smtpCommands
		if goesOn {
			// A message of nothing but the dot ends with the line end of DATA.
			d.mode, d.size, d.tail = smtpMessage, 0, []byte("\r\n")
		}
		_ = d.client(d.said.held()) // of an endless command the next octets tell
	}
}

func (d *smtpDialogue) message(hash string, size int64) {
	d.w.Message(Client, hash, size)
	d.goOn()
}

// goOn goes on to what follows a message.
func (d *smtpDialogue) goOn() {
	d.taking = false
	if d.mode == smtpTaking || d.mode == smtpMessage {
		d.mode = smtpCommands
		_ = d.client(d.said.held()) // of an endless command the next octets tell
	}
}
