package authority

import (
	"fmt"

	"github.com/collaudo/collaudo/pec/smime"
)

// PeerSigner is one of the signers of a provider that is played from outside.
type PeerSigner struct {
	Name string
	*smime.Signer
}

// peerSigners are what a peer may need to sign with, and whether the directory
// record lists it: always, only in odd directories, or never. The certificates
// are all on the peer's one key.
var peerSigners = []struct {
	name   string
	listed listedWhen
}{
	{"correct", always},
	{"renewed", always},
	{"expired", oddly},
	{"revoked", oddly},
	{"unlisted", never},
	{"foreign", oddly},
	{"other-address", oddly},
	{"hash-only", oddly},
}

type listedWhen int

const (
	always listedWhen = iota
	oddly
	never
)

// PeerSigners names the signers that RegisterPeer can issue, "correct" first.
func PeerSigners() []string {
	var names []string
	for _, s := range peerSigners {
		names = append(names, s.name)
	}
	return names
}

// RegisterPeer registers a provider that is played from outside, with its
// secondary environments after the main one, and issues it the signers named
// besides "correct". odd lists also those that a lawful directory would not.
// The one named "revoked" is on the CRL in any case.
func (a *Authority) RegisterPeer(environments []Provider, names []string, odd bool) ([]PeerSigner, error) {
	if len(environments) == 0 || environments[0].Unit != "" {
		return nil, fmt.Errorf("authority: a peer needs its main environment first, got %+v", environments)
	}
	var signers []PeerSigner
	for i, e := range environments {
		s, err := a.Register(e)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			signers = append(signers, PeerSigner{"correct", s})
		}
	}
	for _, name := range names {
		when, known := never, false
		for _, s := range peerSigners[1:] {
			if s.name == name {
				when, known = s.listed, true
			}
		}
		if !known {
			return nil, fmt.Errorf("authority: a peer has no signer %q; there are %v", name, PeerSigners())
		}
		s, err := a.variant(environments[0].ServiceAddress, name, when == always || when == oddly && odd)
		if err != nil {
			return nil, err
		}
		signers = append(signers, PeerSigner{name, s})
	}
	return signers, nil
}
