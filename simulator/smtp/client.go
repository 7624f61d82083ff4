package smtp

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/listen"
)

// ClientOptions say how to reach a host.
type ClientOptions struct {
	Address    string      // host:port
	Hello      string      // our host name
	TLS        *tls.Config // for STARTTLS; nil: never use it
	RequireTLS bool        // fail rather than send in clear
	Timeout    time.Duration
	// History is where the session is written down, as one of the host; nil:
	// nowhere.
	History *history.Record
	Host    string
}

// Client is a connection to an SMTP server, after EHLO and STARTTLS. Not for
// concurrent use.
type Client struct {
	conn       net.Conn
	reader     *bufio.Reader
	timeout    time.Duration
	extensions map[string]string
	secure     bool
	history    *history.Writer
}

// Dial connects, says EHLO and starts TLS where offered. An error that wraps a
// *Reply is an answer of the peer.
func Dial(ctx context.Context, o ClientOptions) (*Client, error) {
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	conn, err := listen.Dialer(o.Timeout).DialContext(ctx, "tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", o.Address, err)
	}
	c := &Client{conn: conn, reader: bufio.NewReaderSize(conn, maxReplyLine), timeout: o.Timeout}
	c.history = o.History.Open(history.Opening{Host: o.Host, Protocol: "smtp", Service: "outgoing", Peer: o.Address})
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if err := c.greet(ctx, o); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("greet %s: %w", o.Address, err)
	}
	return c, nil
}

func (c *Client) greet(ctx context.Context, o ClientOptions) error {
	c.budget()
	if _, err := c.expect(2); err != nil {
		return err
	}
	if err := c.hello(o.Hello); err != nil {
		return err
	}
	_, offered := c.extensions["STARTTLS"]
	switch {
	case o.TLS == nil && !o.RequireTLS, !offered && !o.RequireTLS:
		return nil
	case o.TLS == nil:
		return errors.New("TLS is required and no trust for it is configured")
	case !offered:
		return errors.New("TLS is required between providers (RFC 6109 5.3) and the host does not offer STARTTLS")
	}
	if reply, err := c.command(2, "STARTTLS"); err != nil {
		// Whatever the code: it was announced, so it may work another time. No
		// message was refused.
		return fmt.Errorf("STARTTLS was announced and refused: %s", describe(reply, err))
	}
	secure := tls.Client(c.conn, o.TLS)
	if err := secure.HandshakeContext(ctx); err != nil {
		c.history.Line(history.Note, "TLS handshake: "+err.Error())
		return fmt.Errorf("TLS handshake: %w", err)
	}
	// Whatever was buffered in clear is forgotten with the old reader.
	c.history.Secured(secure.ConnectionState().Version)
	c.conn, c.reader, c.secure = secure, bufio.NewReaderSize(secure, maxReplyLine), true
	return c.hello(o.Hello)
}

func (c *Client) hello(name string) error {
	reply, err := c.command(2, "EHLO "+name)
	if err != nil {
		return err
	}
	c.extensions = map[string]string{}
	for i, line := range strings.Split(reply.Text, "\n") {
		if i > 0 {
			word, rest, _ := strings.Cut(line, " ")
			c.extensions[strings.ToUpper(word)] = rest
		}
	}
	return nil
}

// TLS tells whether the connection is encrypted.
func (c *Client) TLS() bool { return c.secure }

// Result is how a transaction ended.
type Result struct {
	Accepted []string          // recipients for which the message was taken
	Refused  map[string]*Reply // the others, and why
	Reply    Reply             // the last reply: to the message, or to what failed before it
}

// Send carries out one mail transaction with the octets exactly as given. An
// error means that the connection is of no more use and nothing is known; what
// the peer refuses is in the result.
//
// With CHUNKING the octets go in one counted chunk, so that nothing in them
// needs care. Without, dots are stuffed, and a message without a final line
// end gets one, as SMTP cannot do otherwise.
func (c *Client) Send(ctx context.Context, reversePath string, recipients []string, octets []byte) (Result, error) {
	return c.SendKnown(ctx, reversePath, recipients, octets, "")
}

// SendKnown is Send for octets whose SHA-256 is known, in hex; "" when it is
// not.
func (c *Client) SendKnown(ctx context.Context, reversePath string, recipients []string, octets []byte, hash string) (Result, error) {
	stop := context.AfterFunc(ctx, func() { _ = c.conn.Close() })
	defer stop()
	for _, address := range append([]string{reversePath}, recipients...) {
		if strings.ContainsAny(address, "\r\n\x00<>") {
			return Result{}, fmt.Errorf("address %q would break out of its command", address)
		}
	}
	result := Result{Refused: map[string]*Reply{}}
	var commands bytes.Buffer
	fmt.Fprintf(&commands, "MAIL FROM:<%s>%s\r\n", reversePath, c.parameters(octets))
	for _, r := range recipients {
		fmt.Fprintf(&commands, "RCPT TO:<%s>\r\n", r)
	}
	replies, err := c.pipeline(commands.Bytes(), 1+len(recipients))
	if err != nil {
		return result, err
	}
	mail := replies[0]
	for i, r := range recipients {
		reply := replies[1+i]
		if mail.Code/100 != 2 {
			reply = mail
		}
		if reply.Code/100 == 2 {
			result.Accepted = append(result.Accepted, r)
			continue
		}
		result.Refused[r], result.Reply = &reply, reply
	}
	if len(result.Accepted) == 0 {
		_, err := c.command(2, "RSET")
		return result, err
	}
	reply, err := c.message(octets, hash)
	if err != nil {
		return Result{}, err // nobody knows whether it was taken
	}
	result.Reply = reply
	if reply.Code/100 != 2 {
		for _, r := range result.Accepted {
			result.Refused[r] = &reply
		}
		result.Accepted = nil
	}
	return result, nil
}

// parameters are those of MAIL FROM that the peer offers.
func (c *Client) parameters(octets []byte) string {
	p := ""
	if _, ok := c.extensions["SIZE"]; ok {
		p += " SIZE=" + strconv.Itoa(len(octets))
	}
	if _, ok := c.extensions["8BITMIME"]; ok {
		p += " BODY=8BITMIME"
	}
	return p
}

// pipeline sends commands and reads their replies: at once if the peer offers
// PIPELINING, one after the other if not.
func (c *Client) pipeline(commands []byte, count int) ([]Reply, error) {
	c.budget()
	_, together := c.extensions["PIPELINING"]
	if together {
		c.said(commands)
		if _, err := c.conn.Write(commands); err != nil {
			return nil, err
		}
	}
	replies := make([]Reply, 0, count)
	for range count {
		if !together {
			end := bytes.IndexByte(commands, '\n') + 1
			c.said(commands[:end])
			if _, err := c.conn.Write(commands[:end]); err != nil {
				return nil, err
			}
			commands = commands[end:]
		}
		reply, err := c.reply()
		if err != nil {
			return nil, err
		}
		replies = append(replies, reply)
	}
	return replies, nil
}

func (c *Client) message(octets []byte, hash string) (Reply, error) {
	c.budget()
	if _, chunking := c.extensions["CHUNKING"]; chunking {
		command := []byte("BDAT " + strconv.Itoa(len(octets)) + " LAST\r\n")
		c.said(command)
		c.sent(octets, hash)
		if len(octets) <= inOnePiece { // TLS would make a record and a packet of the command alone
			command = append(command, octets...)
			octets = nil
		}
		buffers := net.Buffers{command, octets}
		if _, err := buffers.WriteTo(c.conn); err != nil {
			return Reply{}, err
		}
		c.budget()
		return c.reply()
	}
	if reply, err := c.command(3, "DATA"); err != nil {
		var refusal *Reply
		if errors.As(err, &refusal) {
			return reply, nil
		}
		return Reply{}, err
	}
	c.sent(octets, hash)
	if _, err := c.conn.Write(Stuffed(octets)); err != nil {
		return Reply{}, err
	}
	c.budget()
	return c.reply()
}

// Quit ends the session politely.
func (c *Client) Quit() error {
	c.budget()
	_, _ = c.command(2, "QUIT")
	return c.Close()
}

// Close cuts the connection.
func (c *Client) Close() error {
	c.history.Close()
	return c.conn.Close()
}

// command sends a line and wants a reply of the class; another one comes back
// as an error that is a *Reply.
func (c *Client) command(class int, line string) (Reply, error) {
	c.budget()
	c.said([]byte(line + "\r\n"))
	if _, err := c.conn.Write([]byte(line + "\r\n")); err != nil {
		return Reply{}, err
	}
	return c.expect(class)
}

// describe puts a refusal into words; without one it is the failure that counts.
func describe(reply Reply, err error) string {
	if reply.Code == 0 {
		return err.Error()
	}
	return reply.Error()
}

func (c *Client) expect(class int) (Reply, error) {
	reply, err := c.reply()
	if err == nil && reply.Code/100 != class {
		err = &reply
	}
	return reply, err
}

// budget gives the next exchange its time; a waiting budget, so in real time.
func (c *Client) budget() { _ = c.conn.SetDeadline(time.Now().Add(c.timeout)) }
