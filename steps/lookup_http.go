package steps

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"path"

	"github.com/go-ldap/ldap/v3"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/steps/reach"
)

// readCentral fetches the complete directory as a provider does, or as nobody
// who has a certificate.
func (w *World) readCentral(ctx context.Context, without string) error {
	address := w.target.Directory.URL
	if address == "" {
		return errors.New("the target names no HTTPS address of its directory: add directory.url")
	}
	return w.settledLook(ctx, func(ctx context.Context) error {
		reading := &evidence.DirectoryReading{What: lookCentral, Address: address}
		if without != "" {
			return w.fetchInto(ctx, reading, nil)
		}
		name, client, err := w.clientCertificate()
		if err != nil {
			return err
		}
		reading.Shown = name
		return w.fetchInto(ctx, reading, client)
	})
}

// clientCertificate is that of the first peer: the harness asks as a provider.
func (w *World) clientCertificate() (string, *tls.Certificate, error) {
	if len(w.target.Peers) == 0 {
		return "", nil, errors.New("the harness plays no provider and has no certificate to show: add one under `peers`")
	}
	peer := &w.target.Peers[0]
	signer, err := peer.signer(correctSigner)
	if err != nil {
		return "", nil, err
	}
	pair, err := signer.pair()
	return peer.Name, &pair, err
}

// readOwnFile fetches the directory file that a provider serves itself, from
// where its record says.
func (w *World) readOwnFile(ctx context.Context, party string) error {
	one, err := w.target.person(Party(party))
	if err != nil {
		return err
	}
	name := w.target.nameOfProvider(domainOf(one.address))
	return w.settledLook(ctx, func(ctx context.Context) error {
		address, err := w.locationOf(ctx, name)
		if err != nil {
			return err
		}
		reading := &evidence.DirectoryReading{What: lookOwn, Provider: name, Address: address}
		if w.target.peer(name) != nil {
			reading.Emitter = evidence.Harness
		}
		shown, client, err := w.clientCertificate()
		if err != nil {
			return err
		}
		reading.Shown = shown
		return w.fetchInto(ctx, reading, client)
	})
}

// locationOf asks the directory where a provider's own file is.
func (w *World) locationOf(ctx context.Context, name string) (string, error) {
	var address string
	err := w.withLDAP(ctx, func(conn *ldap.Conn) error {
		result, err := conn.Search(ldap.NewSearchRequest(
			w.base(), ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, maxEntries, 0, false,
			"(&(providerName="+ldap.EscapeFilter(name)+")(LDIFLocationURL=*))", []string{"LDIFLocationURL"}, nil,
		))
		if err != nil {
			return fmt.Errorf("ask the directory for the file of %s: %w", name, err)
		}
		if len(result.Entries) == 0 {
			return fmt.Errorf("the directory names no file of %s: expected an LDIFLocationURL in its record", name)
		}
		address = result.Entries[0].GetEqualFoldAttributeValue("LDIFLocationURL")
		return nil
	})
	return address, err
}

// readRevocation fetches the revocation list.
func (w *World) readRevocation(ctx context.Context) error {
	address := w.target.Directory.Revocation
	if address == "" {
		return errors.New("the target names no address of its revocation list: add directory.revocation")
	}
	return w.settledLook(ctx, func(ctx context.Context) error {
		return w.fetchInto(ctx, &evidence.DirectoryReading{What: lookRevocation, Address: address}, nil)
	})
}

// fetchInto carries out one GET and keeps what came of it. A server that ends
// the handshake or answers with an error has refused; one that cannot be
// reached at all is an error.
func (w *World) fetchInto(ctx context.Context, reading *evidence.DirectoryReading, client *tls.Certificate) error {
	at, err := url.Parse(reading.Address)
	if err != nil {
		return fmt.Errorf("look at %s: %w", reading.Address, err)
	}
	config, err := w.lookupTLS(at.Hostname())
	if err != nil {
		return err
	}
	if client != nil {
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return client, nil }
	}
	var chain []*x509.Certificate
	config.VerifyConnection = func(state tls.ConnectionState) error { chain = state.PeerCertificates; return nil }
	browser := w.options.Door.HTTP(config)
	defer browser.CloseIdleConnections()
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, reading.Address, nil)
	if err != nil {
		return err
	}
	reading.At, reading.TLS = w.now().UTC(), at.Scheme == "https"
	octets, err := read(browser, request, reading)
	var unreached *net.OpError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("look at %s: %w", reading.Address, ctx.Err())
	case errors.Is(err, reach.ErrNotAllowed):
		return fmt.Errorf("look at %s: %w", reading.Address, err)
	case errors.As(err, &unreached) && unreached.Op == "dial":
		return fmt.Errorf("%w: %s: %w", ErrUnreachable, reading.Address, err)
	case err != nil:
		reading.Refused, reading.Note = true, err.Error()
	}
	if reading.Server, err = w.keepChain(chain); err != nil {
		return err
	}
	return w.keepReading(reading, octets)
}

// read takes the answer in. What is too large to be a directory is an error.
func read(browser *http.Client, request *http.Request, reading *evidence.DirectoryReading) ([]byte, error) {
	response, err := browser.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	reading.Status, reading.Type = response.StatusCode, response.Header.Get("Content-Type")
	reading.FileName = path.Base(request.URL.Path)
	if _, parameters, err := mime.ParseMediaType(response.Header.Get("Content-Disposition")); err == nil && parameters["filename"] != "" {
		reading.FileName = parameters["filename"]
	}
	octets, err := io.ReadAll(io.LimitReader(response.Body, maxHandedOut+1))
	switch {
	case err != nil:
		return nil, err
	case len(octets) > maxHandedOut:
		return nil, fmt.Errorf("the answer is longer than %d octets", maxHandedOut)
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the server answered %s", response.Status)
	}
	return octets, nil
}
