package accounts

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"time"
)

// Errors of recovery; test with errors.Is. There is one for everything that a
// stranger might learn something from.
var (
	ErrRecovery = errors.New("the link, code or answer is not valid, or not any more")
	ErrPassword = errors.New("the password is too short")
)

// recoveryLedger holds the links given out, by their hash.
const recoveryLedger = "recoveries"

// maxWrongCodes is how many wrong codes make the right one useless.
const maxWrongCodes = 5

// Dispatch is something for the holder: a link's token by e-mail, a code by SMS.
type Dispatch struct {
	Address string // the mailbox
	Channel Channel
	To      string // ordinary address or telephone
	Token   string // of the link, or the code
	Until   time.Time
}

// code is what was sent by SMS.
type code struct {
	Hash  string    `json:"hash"`
	Until time.Time `json:"until"`
	Wrong int       `json:"wrong,omitempty"`
}

// link is one that was given out.
type link struct {
	Address     string    `json:"address"`
	Until       time.Time `json:"until"`
	Incarnation int       `json:"incarnation"`
	Used        bool      `json:"used,omitempty"`
}

// AskRecovery is somebody who has lost a password. What is to be sent to the
// holder is returned, nil for nothing: the address has no mailbox here, the tax
// code is another's, the channel is not offered or has been asked too often, or
// the mailbox can only be recovered by hand. Who asked must not be told which.
func (d *Directory) AskRecovery(address, taxCode string, channel Channel) (*Dispatch, error) {
	var sent *Dispatch
	err := d.alter(address, func(e *entry, now time.Time) (*Change, error) {
		p := d.policy(e)
		to := map[Channel]string{ByEmail: e.Account.Holder.Email, BySMS: e.Account.Holder.Phone}[channel]
		if to == "" || !p.recoverable(e, channel) || !p.knows(e, taxCode) || !e.ask(now, p, channel) {
			return nil, errQuiet
		}
		sent = &Dispatch{Address: e.Account.Address, Channel: channel, To: to}
		var err error
		if channel == BySMS {
			err = d.giveCode(e, now, p, sent)
		} else {
			err = d.giveLink(e, now, p, sent)
		}
		return &Change{What: RecoveryAsked, Note: string(channel)}, err
	})
	if errors.Is(err, ErrUnknown) {
		return nil, nil
	}
	return sent, err
}

// recoverable tells whether a mailbox can be recovered by that channel.
func (p Policy) recoverable(e *entry, channel Channel) bool {
	byHand := e.State.Gone() || e.State == Expired || e.State == Suspended
	return !byHand && slices.Contains(p.Channels, channel)
}

// knows tells whether somebody knows what the holder knows.
func (p Policy) knows(e *entry, taxCode string) bool {
	return p.NoKnowledge || e.heldBy(taxCode) == nil
}

// ask counts an attempt; false when there were too many within the hour.
func (e *entry) ask(now time.Time, p Policy, channel Channel) bool {
	asked := map[Channel][]time.Time{}
	for c, list := range e.Asked {
		for _, at := range list {
			if now.Sub(at) < time.Hour {
				asked[c] = append(asked[c], at)
			}
		}
	}
	e.Asked = asked
	if len(asked[channel]) >= p.RecoveryPerHour {
		return false
	}
	e.Asked[channel] = append(e.Asked[channel], now)
	return true
}

func (d *Directory) giveCode(e *entry, now time.Time, p Policy, sent *Dispatch) error {
	n, err := rand.Int(d.o.Random, big.NewInt(1_000_000))
	if err != nil {
		return fmt.Errorf("make a code: %w", err)
	}
	sent.Token, sent.Until = fmt.Sprintf("%06d", n), now.Add(minutes(p.CodeMinutes))
	e.Code = &code{Hash: hashOf(e.Account.Address + sent.Token), Until: sent.Until}
	return nil
}

// giveLink makes a link that works once. Those that are too old are let go of.
func (d *Directory) giveLink(e *entry, now time.Time, p Policy, sent *Dispatch) error {
	raw := make([]byte, 24)
	if _, err := io.ReadFull(d.o.Random, raw); err != nil {
		return fmt.Errorf("make a link: %w", err)
	}
	sent.Token, sent.Until = base64.RawURLEncoding.EncodeToString(raw), now.Add(minutes(p.LinkMinutes))
	key := hashOf(sent.Token)
	if err := d.keepLink(key, link{Address: e.Account.Address, Until: sent.Until, Incarnation: e.Incarnation}); err != nil {
		return err
	}
	if d.o.Ledgers == nil {
		return errors.New("links need ledgers to be kept in")
	}
	for _, r := range d.o.Ledgers.Records(recoveryLedger) {
		var old link
		if err := json.Unmarshal(r.Data, &old); err != nil || now.Before(old.Until) {
			d.o.Ledgers.Forget(recoveryLedger, r.Key)
			break
		}
	}
	return nil
}

func (d *Directory) keepLink(key string, l link) error {
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if d.o.Ledgers == nil {
		return errors.New("links need ledgers to be kept in")
	}
	return d.o.Ledgers.Record(recoveryLedger, key, data)
}

// Grant makes a link without any question asked: a request by hand was granted.
func (d *Directory) Grant(address string) (*Dispatch, error) {
	var sent *Dispatch
	err := d.alter(address, func(e *entry, now time.Time) (*Change, error) {
		if err := e.exists("recovered: its holder buys it again"); err != nil {
			return nil, err
		}
		if e.Account.Holder.Email == "" {
			return nil, fmt.Errorf("%s: its holder has no ordinary address to send a link to", address)
		}
		sent = &Dispatch{Address: e.Account.Address, Channel: ByEmail, To: e.Account.Holder.Email}
		return &Change{What: RecoveryAsked, Note: "by hand"}, d.giveLink(e, now, d.policy(e), sent)
	})
	return sent, err
}

// Redeem sets a password by the token of a link or of an answer. ErrPassword for
// a password that is too short, before the token is looked at; ErrRecovery for
// a token that is unknown, used, or too old.
func (d *Directory) Redeem(token, password string) (address string, err error) {
	if err := longEnough(password); err != nil {
		return "", err
	}
	d.mu.Lock()
	l, err := d.take(hashOf(token))
	d.mu.Unlock()
	if err != nil {
		return "", err
	}
	return l.Address, d.reset(l.Address, password, "by a link to the holder")
}

// take uses a link up. The lock is held.
func (d *Directory) take(key string) (link, error) {
	var l link
	if d.o.Ledgers == nil {
		return l, ErrRecovery
	}
	data, there := d.o.Ledgers.Recorded(recoveryLedger, key)
	if !there || json.Unmarshal(data, &l) != nil || l.Used || !d.now().Before(l.Until) {
		return l, ErrRecovery
	}
	e := d.byName[strings.ToLower(l.Address)]
	if e == nil || e.Incarnation != l.Incarnation {
		return l, ErrRecovery
	}
	l.Used = true
	return l, d.keepLink(key, l)
}

// RedeemCode sets a password by a code that was sent by SMS.
func (d *Directory) RedeemCode(address, digits, password string) error {
	if err := longEnough(password); err != nil {
		return err
	}
	right := false
	err := d.alter(address, func(e *entry, now time.Time) (*Change, error) {
		c := e.Code
		if c == nil || !now.Before(c.Until) || c.Wrong >= maxWrongCodes {
			return nil, ErrRecovery
		}
		next := *c
		if right = c.Hash == hashOf(e.Account.Address+strings.TrimSpace(digits)); right {
			e.Code = nil
			return nil, nil
		}
		next.Wrong++
		e.Code = &next
		return nil, nil
	})
	if err == nil && !right || errors.Is(err, ErrUnknown) {
		return ErrRecovery
	}
	if err != nil {
		return err
	}
	return d.reset(address, password, "by a code to the holder's telephone")
}

func (d *Directory) reset(address, password, by string) error {
	if err := d.SetPassword(address, password, by); errors.Is(err, ErrUnknown) || errors.Is(err, ErrState) {
		return ErrRecovery
	} else if err != nil {
		return err
	}
	return nil
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
