package steps

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/collaudo/collaudo/steps/reach"
)

// plainTrouble says in one sentence what is wrong with a service and what to do
// about it. The kind of the error stays: ErrLogin, reach.ErrNotAllowed, or
// ErrUnreachable for everything else.
func plainTrouble(what, address string, err error) error {
	switch {
	case errors.Is(err, reach.ErrNotAllowed):
		return fmt.Errorf("%s: %w", what, err)
	case errors.Is(err, ErrListen):
		said := strings.TrimPrefix(err.Error(), ErrListen.Error()+": ")
		return trouble{ErrListen, fmt.Sprintf("%s: the harness cannot listen at %s (%s): choose an address of this machine and a free port for it", what, address, said)}
	case errors.Is(err, ErrLogin):
		said := strings.TrimPrefix(err.Error(), ErrLogin.Error()+": ")
		return trouble{ErrLogin, fmt.Sprintf("%s: %s refuses the login (%s): check user and password of this mailbox in the target file", what, address, said)}
	}
	return trouble{ErrUnreachable, what + ": " + reasonOf(address, err)}
}

// trouble is a sentence with the kind of error that it stands for.
type trouble struct {
	kind     error
	sentence string
}

func (t trouble) Error() string { return t.sentence }

func (t trouble) Unwrap() error { return t.kind }

// reasonOf tells the usual reasons apart.
func reasonOf(address string, err error) string {
	var (
		invalid x509.CertificateInvalidError
		name    x509.HostnameError
		unknown x509.UnknownAuthorityError
		plain   tls.RecordHeaderError
		noName  *net.DNSError
		timeout net.Error
	)
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		if strings.Contains(invalid.Detail, "is before") {
			return fmt.Sprintf("the TLS certificate of %s is good from %s on: look at the clocks, or have it issued anew", address, invalid.Cert.NotBefore.UTC().Format(time.RFC3339))
		}
		return fmt.Sprintf("the TLS certificate of %s expired on %s: renew it", address, invalid.Cert.NotAfter.UTC().Format(time.RFC3339))
	case errors.As(err, &name):
		return fmt.Sprintf("the TLS certificate of %s is for another name (%s): set tlsName in the target file to a name in the certificate, or correct the address", address, strings.TrimPrefix(name.Error(), "x509: "))
	case errors.As(err, &unknown):
		return fmt.Sprintf("the TLS certificate of %s is issued by nobody that is trusted: name the authority under tls.authorities of the target file (%s)", address, strings.TrimPrefix(unknown.Error(), "x509: "))
	case errors.As(err, &plain):
		return fmt.Sprintf("%s does not speak TLS on this port: is it the port of another service?", address)
	case errors.As(err, &noName):
		return fmt.Sprintf("the name %s cannot be looked up (%s): correct it in the target file", noName.Name, noName.Err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("nobody listens at %s (connection refused): start the service, or correct its port in the target file", address)
	case errors.Is(err, reach.ErrNoRoom):
		return fmt.Sprintf("none of the connections that reach.connections of the target file allows was free in time for %s: raise it, or play fewer scenarios at a time", address)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("%s does not answer in time: is it behind a firewall, or another service?", address)
	}
	return fmt.Sprintf("%s: %s", address, strings.TrimPrefix(err.Error(), ErrUnreachable.Error()+": "))
}
