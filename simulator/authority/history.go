package authority

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"github.com/collaudo/collaudo/simulator/history"
)

// historyName is the host of the authority's sessions in the history.
const historyName = "authority"

// opened begins the history of a connection to one of the authority's services.
func opened(record *history.Record, protocol, service string, conn net.Conn) *history.Writer {
	return record.Open(history.Opening{Host: historyName, Protocol: protocol, Service: service, Peer: conn.RemoteAddr().String()})
}

// writerKey is where a connection's history stands in the context of its requests.
type writerKey struct{}

// toldOf is a handler whose requests and answers are written down.
func toldOf(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w, _ := r.Context().Value(writerKey{}).(*history.Writer)
		if r.TLS != nil {
			w.Secured(r.TLS.Version)
			if len(r.TLS.PeerCertificates) > 0 {
				w.Line(history.Note, "the client shows a certificate of "+r.TLS.PeerCertificates[0].Subject.String())
			}
		}
		w.Line(history.Client, r.Method+" "+r.URL.RequestURI())
		answer := &counted{ResponseWriter: rw, status: http.StatusOK}
		next.ServeHTTP(answer, r)
		w.Count(0, answer.octets)
		w.Line(history.Server, fmt.Sprintf("%d %s, %d octets", answer.status, http.StatusText(answer.status), answer.octets))
	})
}

// counted is an answer whose status and length are known afterwards.
type counted struct {
	http.ResponseWriter
	status, octets int
}

// WriteHeader implements http.ResponseWriter.
func (c *counted) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (c *counted) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.octets += n
	return n, err
}

// tellOf writes down the sessions of a web server, a connection each.
func tellOf(inner *http.Server, record *history.Record, service string) {
	if record == nil {
		return
	}
	var open sync.Map // of *history.Writer by connection
	inner.Handler = toldOf(inner.Handler)
	inner.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		w := opened(record, "http", service, conn)
		open.Store(conn, w)
		return context.WithValue(ctx, writerKey{}, w)
	}
	inner.ConnState = func(conn net.Conn, state http.ConnState) {
		if state != http.StateClosed && state != http.StateHijacked {
			return
		}
		if w, known := open.LoadAndDelete(conn); known {
			w.(*history.Writer).Close() //nolint:forcetypeassert // nothing else is put in
		}
	}
}

// maxLDAP bounds an LDAP message that is read for the history; longer ones are
// named by their length.
const maxLDAP = 1 << 18

// readLDAP writes down the messages of one direction until it ends or cannot be
// followed any more. It always reads to the end, so that nobody waits for it.
func readLDAP(w *history.Writer, from string, r io.Reader) {
	defer func() { _, _ = io.Copy(io.Discard, r) }()
	for {
		message, size, err := nextLDAP(r)
		if err != nil {
			return
		}
		if from == history.Client {
			w.Count(size, 0)
		} else {
			w.Count(0, size)
		}
		if message == nil {
			w.Line(from, fmt.Sprintf("[a message of %d octets]", size))
			continue
		}
		w.Line(from, describeLDAP(message))
	}
}

// follow writes down what passes between a client and the LDAP server: the
// readers return what is to be read instead. end returns when all is written.
func follow(w *history.Writer, client, server io.Reader) (fromClient, fromServer io.Reader, end func()) {
	if w == nil {
		return client, server, func() {}
	}
	var both sync.WaitGroup
	tap := func(from string, r io.Reader) (io.Reader, *io.PipeWriter) {
		read, write := io.Pipe()
		both.Go(func() { readLDAP(w, from, read) })
		return io.TeeReader(r, write), write
	}
	fromClient, one := tap(history.Client, client)
	fromServer, other := tap(history.Server, server)
	return fromClient, fromServer, func() {
		_, _ = one.Close(), other.Close()
		both.Wait()
	}
}

// nextLDAP reads one message (RFC 4511 4.1.1: a SEQUENCE of definite length);
// nil when it is too long to be looked at.
func nextLDAP(r io.Reader) (message *ber.Packet, size int, err error) {
	head := make([]byte, 2, 6)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, 0, err
	}
	length := int(head[1])
	if length >= 0x80 {
		count := length & 0x7f
		if count == 0 || count > 4 {
			return nil, 0, fmt.Errorf("a length of %d octets: want 1 to 4", count)
		}
		more := make([]byte, count)
		if _, err := io.ReadFull(r, more); err != nil {
			return nil, 0, err
		}
		length = 0
		for _, b := range more {
			length = length<<8 | int(b)
		}
		head = append(head, more...)
	}
	size = len(head) + length
	if length > maxLDAP {
		_, err := io.CopyN(io.Discard, r, int64(length))
		return nil, size, err
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, 0, err
	}
	message, err = ber.DecodePacketErr(append(head, body...))
	return message, size, err
}

// describeLDAP puts a message into words: its number, what it is, and what it is
// about. Passwords stay out.
func describeLDAP(m *ber.Packet) string {
	if len(m.Children) < 2 {
		return "[no LDAP message]"
	}
	number, operation := m.Children[0].Value, m.Children[1]
	name := ldap.ApplicationMap[uint8(operation.Tag)]
	if name == "" {
		name = fmt.Sprintf("operation %d", operation.Tag)
	}
	text := []string{fmt.Sprint(number), name}
	part := func(i int) string {
		if i >= len(operation.Children) {
			return ""
		}
		if s, ok := operation.Children[i].Value.(string); ok {
			return s
		}
		return fmt.Sprint(operation.Children[i].Value)
	}
	switch operation.Tag {
	case ldap.ApplicationBindRequest:
		text = append(text, fmt.Sprintf("%q", part(1)), history.Removed)
	case ldap.ApplicationSearchRequest:
		if len(operation.Children) < 8 {
			break
		}
		filter, err := ldap.DecompileFilter(operation.Children[6])
		if err != nil {
			filter = err.Error()
		}
		var attributes []string
		for _, a := range operation.Children[7].Children {
			attributes = append(attributes, fmt.Sprint(a.Value))
		}
		text = append(text, fmt.Sprintf("base %q scope %s filter %s attributes %s", part(0), part(1), filter, strings.Join(attributes, " ")))
	case ldap.ApplicationSearchResultEntry:
		text = append(text, part(0))
	case ldap.ApplicationSearchResultDone, ldap.ApplicationBindResponse:
		text = append(text, part(0), part(2))
	}
	return strings.TrimSpace(strings.Join(text, " "))
}
