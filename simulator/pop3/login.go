package pop3

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/smtp"
	"github.com/collaudo/collaudo/simulator/store"
	"github.com/emersion/go-sasl"
)

// startTLS answers STLS (RFC 2595 4).
func (x *session) startTLS(argument string) error {
	switch {
	case x.secure:
		return x.senseless("TLS is there already")
	case argument != "":
		return x.senseless("STLS takes no argument")
	case x.reader.Buffered() > 0: // whatever it is, it was said in clear and must not count as said over TLS
		_ = x.fail("", "nothing may follow STLS before TLS is there")
		return x.end()
	}
	if err := x.ok("begin TLS"); err != nil {
		return err
	}
	if err := x.writer.Flush(); err != nil {
		return err
	}
	x.user = ""
	return x.encrypt()
}

// inClear refuses whatever would show a password to who listens.
func (x *session) inClear() error { return x.fail("", "not without TLS: say STLS first") }

func (x *session) giveUser(argument string) error {
	switch {
	case !x.secure:
		return x.inClear()
	case argument == "":
		return x.senseless("USER wants a name")
	}
	x.user = argument
	return x.ok("now the password") // whether there is such a user or not
}

func (x *session) givePassword(argument string) error {
	user := x.user
	x.user = ""
	switch {
	case !x.secure:
		return x.inClear()
	case user == "":
		return x.senseless("PASS comes after USER")
	}
	return x.login(user, argument)
}

// login checks the password and opens the mailbox. A wrong password and an
// unknown user get the same answer.
func (x *session) login(user, password string) error {
	mailbox, right := x.o.SignIn(x.conn.RemoteAddr().String(), user, password)
	if !right {
		if err := x.fail("AUTH", "user name or password is wrong"); err != nil {
			return err
		}
		if x.refusals++; x.refusals >= maxRefusals {
			return x.end()
		}
		return nil
	}
	x.history.Account(mailbox)
	if !x.o.Locks.take(mailbox) {
		return x.fail("IN-USE", "the mailbox is open in another POP3 session")
	}
	folder, err := x.o.Store.Folder(mailbox, store.Inbox)
	if err != nil {
		x.o.Locks.release(mailbox)
		return x.fail("SYS/TEMP", err.Error())
	}
	x.mailbox, x.messages, x.validity, x.deleted = mailbox, folder.Messages, folder.UIDValidity, map[int]bool{}
	count, bytes := x.held()
	return x.ok(fmt.Sprintf("%d messages (%d octets)", count, bytes))
}

// errBrokenOff says that a SASL exchange was broken off by the client.
var errBrokenOff = errors.New("the exchange was broken off")

// authenticate answers AUTH (RFC 5034).
func (x *session) authenticate(argument string) error {
	if !x.secure {
		return x.inClear()
	}
	if argument == "" { // an older way to ask which mechanisms there are
		return x.lines("mechanisms follow", []string{sasl.Plain, sasl.Login})
	}
	name, first, _ := strings.Cut(argument, " ")
	var user, password string
	var mechanism sasl.Server
	switch strings.ToUpper(name) {
	case sasl.Plain:
		mechanism = sasl.NewPlainServer(func(identity, u, p string) error {
			if identity != "" && identity != u { // nobody acts for another
				u = ""
			}
			user, password = u, p
			return nil // it is checked when the exchange is over
		})
	case sasl.Login:
		mechanism = smtp.NewLoginServer(func(u, p string) error {
			user, password = u, p
			return nil
		})
	default:
		return x.senseless("there is no such mechanism")
	}
	err := x.exchange(mechanism, first)
	switch {
	case errors.Is(err, errQuit):
		return err
	case err != nil:
		return x.senseless(err.Error())
	}
	return x.login(user, password)
}

// exchange carries out a SASL exchange; first is the initial response, "" when
// there is none.
func (x *session) exchange(mechanism sasl.Server, first string) error {
	var response []byte
	if first != "" {
		var err error
		if response, err = decode(first); err != nil {
			return err
		}
	}
	for {
		challenge, done, err := mechanism.Next(response)
		if err != nil || done {
			return err
		}
		if err := x.say("+ " + base64.StdEncoding.EncodeToString(challenge)); err != nil {
			return errQuit
		}
		line, err := x.line(maxResponse)
		if err != nil {
			return errQuit
		}
		x.history.Line(history.Client, history.Removed)
		if line == "*" {
			return errBrokenOff
		}
		if response, err = decode(line); err != nil {
			return err
		}
	}
}

func decode(text string) ([]byte, error) {
	if text == "=" {
		return []byte{}, nil
	}
	octets, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("that is no base64")
	}
	return octets, nil
}
