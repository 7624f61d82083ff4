package steps

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"
)

// removed stands where a secret was.
const removed = "[removed]"

// secrets takes what nobody may read out of what others say: a server that
// repeats a password must not bring it into evidence, be it in a transcript, in a
// reply or in the words of an error.
type secrets struct {
	forms    []string // in which the secret may stand, the longest first
	replacer *strings.Replacer
}

// secretsOf are those of somebody who signs in: the password in clear and in the
// forms in which SASL and IMAP carry it. There are none without a password.
func secretsOf(user, password string) secrets {
	if password == "" {
		return secrets{}
	}
	forms := []string{
		base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password)),
		base64.StdEncoding.EncodeToString([]byte(password)),
		quoteIMAP.Replace(password),
		password,
	}
	slices.SortStableFunc(forms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	// All at once, and what stands for a secret is left alone: a password such as
	// "move" would be told by what is done to "[removed]".
	pairs := []string{removed, removed}
	for _, form := range forms {
		pairs = append(pairs, form, removed)
	}
	return secrets{forms: forms, replacer: strings.NewReplacer(pairs...)}
}

// quoteIMAP writes a text as it stands between quotes in IMAP (RFC 3501 4.3).
var quoteIMAP = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// hide takes the secrets out of a text.
func (s secrets) hide(text string) string {
	if s.replacer == nil {
		return text
	}
	return s.replacer.Replace(text)
}

// hideCut is hide for the beginning of a text whose end is not there: what a
// secret may begin with is taken from its end too, so many octets of it.
func (s secrets) hideCut(text string) (hidden string, dropped int) {
	hidden = s.hide(text)
	for _, form := range s.forms {
		for n := min(len(form)-1, len(hidden)); n > dropped; n-- {
			if strings.HasSuffix(hidden, form[:n]) {
				dropped = n
			}
		}
	}
	return hidden[:len(hidden)-dropped], dropped
}

// hideIn is an error that says the same without the secrets, and is of the same
// kind.
func (s secrets) hideIn(err error) error {
	if err == nil {
		return nil
	}
	if said := s.hide(err.Error()); said != err.Error() {
		return trouble{err, said}
	}
	return err
}
