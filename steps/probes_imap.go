package steps

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

func probeWrongPasswordIMAP(ctx context.Context, w *World, p *Provider, log *transcript) (evidence.Probe, error) {
	client, err := w.dialIMAP(ctx, p.IMAP, p.TLSName, log)
	if err != nil {
		return evidence.Probe{}, err
	}
	defer func() { _ = client.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	defer stop()
	account, err := w.accountOf(p)
	if err != nil {
		return evidence.Probe{}, err
	}
	err = client.Login(account.User, wrongPassword).Wait()
	_, err2 := client.Select("INBOX", nil).Wait()
	return evidence.Probe{Replies: []evidence.Reply{{Text: answerOf(err, log)}, {Text: answerOf(err2, log)}}, Refused: err != nil && err2 != nil}, nil
}

// answerOf is what a server answered, without the secrets that the log hides.
func answerOf(err error, log *transcript) string {
	if err == nil {
		return "OK"
	}
	return log.hide(err.Error())
}

// clearWait is how long a port may stay silent before a plain-text client gives
// up.
const clearWait = 2 * time.Second

// probeIMAPInClear speaks plain IMAP. A port that only knows TLS hangs up at
// the first plain line; one that answers must not let anybody sign in.
func probeIMAPInClear(ctx context.Context, w *World, p *Provider, log *transcript) (evidence.Probe, error) {
	address := p.ClearIMAP
	if address == "" {
		address = p.IMAP
	}
	account, err := w.accountOf(p)
	if err != nil {
		return evidence.Probe{}, err
	}
	refused := evidence.Probe{Refused: true}
	conn, err := w.options.Door.DialContext(ctx, "tcp", address)
	if err != nil {
		log.note("%s: %v", address, err)
		return refused, nil
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	log.note("connected to %s without TLS", address)
	// In real time: it bounds a wait, and says nothing about the target.
	if err := conn.SetDeadline(time.Now().Add(clearWait)); err != nil {
		return evidence.Probe{}, err
	}
	reader := bufio.NewReaderSize(conn, maxReplyLine)
	if answer, ok := plainIMAP(conn, reader, "a1 CAPABILITY", log, "a1 CAPABILITY"); !ok {
		log.note("no IMAP without TLS: %s", answer)
		return refused, nil
	}
	quote := quoteIMAP.Replace
	answer, ok := plainIMAP(conn, reader, fmt.Sprintf(`a2 LOGIN "%s" "%s"`, quote(account.User), quote(account.Password.Reveal())), log, "a2 LOGIN "+removed)
	signedIn := ok && strings.HasPrefix(strings.ToUpper(answer), "A2 OK")
	return evidence.Probe{Replies: []evidence.Reply{{Text: log.hide(answer)}}, Refused: !signedIn}, nil
}

// plainIMAP sends a line and returns the answer that bears its tag.
func plainIMAP(conn net.Conn, reader *bufio.Reader, line string, log *transcript, shown string) (answer string, ok bool) {
	log.client(shown)
	if _, err := io.WriteString(conn, line+"\r\n"); err != nil {
		return err.Error(), false
	}
	tag, _, _ := strings.Cut(line, " ")
	for range maxReplyLines {
		octets, err := reader.ReadSlice('\n')
		if err != nil {
			return err.Error(), false
		}
		text := strings.TrimRight(string(octets), "\r\n")
		log.server(text)
		if strings.HasPrefix(text, tag+" ") {
			return text, true
		}
		if !strings.HasPrefix(text, "* ") {
			return "an answer that is no IMAP", false
		}
	}
	return "too many lines", false
}
