package steps

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// servingBudget bounds, in real time, one request to a server that the harness
// plays.
const servingBudget = 10 * time.Second

// registry is a directory server that the harness plays: the central one, or
// that of a peer's own file. It speaks TLS and HTTP/1.1, one request to a
// connection, asks for a client certificate without insisting on it, and
// writes requests down, also those that the client broke off.
type registry struct {
	w        *World
	what     string // lookCentral, lookOwn
	provider string // whose file it is; "" for the central directory
	url      string
	signer   PeerSigner
	stranger PeerSigner
	good     *tls.Config
	bad      *tls.Config // shows a certificate that does not verify; nil where there is none

	listener net.Listener
	cancel   context.CancelFunc
	sessions sync.WaitGroup

	mu       sync.Mutex
	manner   fileManner
	ldif     []byte         // what the file says when it is good
	file     []byte         // what is handed out now; nil: the good file, not yet made
	unheard  string         // domain that the good file adds and that was not served yet
	previous []byte         // the good file before the last change
	lastGood []byte         // LDIF that was last handed out in good state
	seen     map[string]int // requests by what came of them, since the last change
	trouble  error          // evidence that could not be written
}

// sameRequests is how often a request is written down that differs from those
// before in its instant only. Days do not reach it; years that pass in a moment
// would fill the evidence with thousands of the same line.
const sameRequests = 16

// record writes a request down.
func (r *registry) record(served *evidence.DirectoryServing) {
	key := strings.Join([]string{served.Manner, served.Client, served.Served, served.Failed}, "|")
	r.mu.Lock()
	if r.seen == nil {
		r.seen = map[string]int{}
	}
	r.seen[key]++
	enough := r.seen[key] > sameRequests
	r.mu.Unlock()
	if !enough {
		r.note(r.w.recorder.Record(evidence.Event{Type: evidence.DirectoryServed, DirectoryServed: served}))
	}
}

// open begins to serve.
func (r *registry) open(ctx context.Context, address string) error {
	var err error
	if r.listener, err = r.w.listen(address); err != nil {
		return fmt.Errorf("play the server at %s: %w", address, err)
	}
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r.cancel = cancel
	r.sessions.Go(func() {
		for {
			conn, err := r.listener.Accept()
			if err != nil {
				return // closed
			}
			r.sessions.Go(func() { r.serve(serving, conn) })
		}
	})
	return nil
}

// close ends the server and whatever it is in the middle of.
func (r *registry) close() {
	r.cancel()
	_ = r.listener.Close() // it may have been closed by whoever opened it
	r.sessions.Wait()
}

// serve answers one connection and writes down what came of it.
func (r *registry) serve(ctx context.Context, conn net.Conn) {
	ctx, cancel := context.WithTimeout(ctx, servingBudget)
	defer cancel()
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	manner := r.behaviour()
	served := &evidence.DirectoryServing{What: r.what, At: r.w.now().UTC(), Manner: string(manner)}
	if err := r.answer(ctx, conn, manner, served); err != nil {
		served.Failed = err.Error()
		r.record(served)
	}
}

func (r *registry) answer(ctx context.Context, conn net.Conn, manner fileManner, served *evidence.DirectoryServing) error {
	if manner == fileDown {
		return errors.New("the harness ended the connection without an answer")
	}
	config := r.good
	if manner == fileWrongServer && r.bad != nil {
		config = r.bad
	}
	over := tls.Server(conn, config)
	if err := over.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("the handshake failed: %w", err)
	}
	served.TLS = true
	if chain := over.ConnectionState().PeerCertificates; len(chain) > 0 {
		blob, err := r.w.recorder.Keep(evidence.TrustBlob, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: chain[0].Raw}), false)
		r.note(err)
		served.Client = blob
	}
	request, err := http.ReadRequest(bufio.NewReader(io.LimitReader(over, 64<<10)))
	if err != nil {
		return fmt.Errorf("no request came: %w", err)
	}
	_ = request.Body.Close()
	if served.Client == "" && r.what == lookCentral {
		// The real directory serves nobody without a provider's certificate.
		return errors.Join(errors.New("refused: the client showed no certificate"), respond(over, http.StatusForbidden, "", nil))
	}
	octets, err := r.handOut(manner)
	if err != nil {
		r.note(err)
		return err
	}
	blob, err := r.w.recorder.Keep(evidence.TrustBlob, octets, false)
	r.note(err)
	served.Served = blob
	// Written down first: what the target does next comes after it in evidence.
	r.record(served)
	if err := respond(over, http.StatusOK, path.Base(r.url), octets); err == nil {
		_ = over.CloseWrite()
	}
	return nil
}

// respond writes one answer. Its header is that of RFC 6109 4.5.6.
func respond(out io.Writer, status int, name string, octets []byte) error {
	header := fmt.Sprintf("HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Length: %s\r\n", status, http.StatusText(status), strconv.Itoa(len(octets)))
	if name != "" {
		header += "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=\"" + name + "\"\r\n" +
			"Content-Disposition: attachment; filename=\"" + name + "\"\r\n"
	}
	if _, err := io.Copy(out, io.MultiReader(strings.NewReader(header+"\r\n"), strings.NewReader(string(octets)))); err != nil {
		return fmt.Errorf("the client broke off: %w", err)
	}
	return nil
}

// note remembers that something could not be done, for the end of the scenario.
func (r *registry) note(err error) {
	if err != nil {
		r.mu.Lock()
		r.trouble = errors.Join(r.trouble, err)
		r.mu.Unlock()
	}
}

func (r *registry) behaviour() fileManner {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.manner
}

// handOut returns the file as it is to be served now.
func (r *registry) handOut(manner fileManner) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		file, err := signedFile(r.signer, r.ldif, r.ldif, r.w.now())
		if err != nil {
			return nil, err
		}
		r.file = file
	}
	if manner == fileGood || manner == filePrinted {
		r.lastGood = r.ldif
	}
	return r.file, nil
}
