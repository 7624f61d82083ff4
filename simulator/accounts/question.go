package accounts

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Questions are the secret questions that a holder may choose from. A stranger
// who asks for one is always shown one of them.
func Questions() []string {
	return []string{
		"Qual era il cognome da nubile di tua madre?",
		"Come si chiamava il tuo primo animale domestico?",
		"In quale città sono nati i tuoi nonni?",
		"Come si chiamava la tua prima scuola?",
	}
}

// Question is the secret question of an address. Where there is no mailbox, or
// no question, one is shown all the same, and always the same one: which one it
// would be cannot be worked out from outside.
func (d *Directory) Question(address string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := strings.ToLower(strings.TrimSpace(address))
	key, err := d.questionKey()
	if err != nil {
		return "", err
	}
	if e := d.byName[name]; e != nil && slices.Contains(Questions(), e.Account.Holder.Question) {
		return e.Account.Holder.Question, nil
	}
	sum := sha256.Sum256(append(key, name...))
	return Questions()[int(sum[0])%len(Questions())], nil
}

// questionKey is drawn when the first question is asked for. The lock is held.
func (d *Directory) questionKey() ([]byte, error) {
	if d.o.Ledgers == nil {
		return nil, errors.New("questions need ledgers")
	}
	const name = "question-key"
	if key, there := d.o.Ledgers.Recorded(name, name); there {
		return key, nil
	}
	raw := make([]byte, 16)
	if _, err := io.ReadFull(d.o.Random, raw); err != nil {
		return nil, fmt.Errorf("key of the questions: %w", err)
	}
	key := []byte(`"` + hex.EncodeToString(raw) + `"`) // a ledger holds JSON
	return key, d.o.Ledgers.Record(name, name, key)
}

// Answer gives a token, as a link has, for the right answer to the secret
// question. ErrRecovery for whatever else.
func (d *Directory) Answer(address, taxCode, answer string) (token string, err error) {
	err = d.alter(address, func(e *entry, now time.Time) (*Change, error) {
		p := d.policy(e)
		if !p.recoverable(e, ByQuestion) || !e.ask(now, p, ByQuestion) {
			return nil, ErrRecovery
		}
		if !p.knows(e, taxCode) || !e.answers(answer) {
			return nil, nil // the attempt counts
		}
		sent := &Dispatch{}
		if err := d.giveLink(e, now, p, sent); err != nil {
			return nil, err
		}
		token = sent.Token
		return &Change{What: RecoveryAsked, Note: string(ByQuestion)}, nil
	})
	if err == nil && token == "" || errors.Is(err, ErrUnknown) {
		return "", ErrRecovery
	}
	return token, err
}

func (e *entry) answers(answer string) bool {
	given, right := plainAnswer(answer), plainAnswer(e.Account.Holder.Answer)
	if e.Answer != nil {
		return e.Answer.matches(given)
	}
	return right != "" && given == right
}

// plainAnswer is an answer without regard to case and spaces.
func plainAnswer(answer string) string {
	return strings.ToLower(strings.Join(strings.Fields(answer), " "))
}
