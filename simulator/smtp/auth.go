package smtp

import (
	"errors"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

// AuthMechanisms implements gosmtp.AuthSession. go-smtp announces and takes
// them only over TLS unless AllowClearAccount is set.
func (s *session) AuthMechanisms() []string {
	if s.server.options.SignIn == nil {
		return nil
	}
	return []string{sasl.Plain, sasl.Login}
}

// Auth implements gosmtp.AuthSession.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if s.server.options.SignIn == nil {
		return nil, gosmtp.ErrAuthUnsupported
	}
	check := func(user, password string) error {
		account, ok := s.server.options.SignIn(s.transaction().Peer.Address, user, password)
		if !ok {
			return gosmtp.ErrAuthFailed
		}
		s.change(func(t *Transaction) { t.Account = account })
		s.tap.Account(account)
		return nil
	}
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(identity, user, password string) error {
			if identity != "" && identity != user {
				return gosmtp.ErrAuthFailed // nobody acts for another
			}
			return check(user, password)
		}), nil
	case sasl.Login:
		return NewLoginServer(check), nil
	default:
		return nil, gosmtp.ErrAuthUnknownMechanism
	}
}

// errLoginOver says that a client went on after the exchange had ended.
var errLoginOver = errors.New("AUTH LOGIN: more was sent after the password")

// loginServer is the server side of LOGIN, which go-sasl lacks: two prompts
// in a fixed form, the first of which the client may spare itself by sending
// the user name at once.
type loginServer struct {
	check func(user, password string) error
	step  int
	user  string
}

// NewLoginServer returns the server side of the LOGIN mechanism.
func NewLoginServer(check func(user, password string) error) sasl.Server {
	return &loginServer{check: check}
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if l.step == 0 && response == nil {
		l.step = 1
		return []byte("Username:"), false, nil
	}
	switch l.step {
	case 0, 1:
		l.user, l.step = string(response), 2
		return []byte("Password:"), false, nil
	case 2:
		l.step = 3
		return nil, true, l.check(l.user, string(response))
	default:
		return nil, false, errLoginOver
	}
}
