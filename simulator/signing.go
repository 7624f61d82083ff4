package simulator

import (
	"crypto"
	"io"
	"runtime"

	"github.com/collaudo/collaudo/pec/smime"
)

// signing lets as many signatures be made at a time as there are processors: a
// hundred of them at once would be no faster, and whoever reads mail meanwhile
// would wait behind all of them.
type signing chan struct{}

func newSigning() signing { return make(signing, runtime.GOMAXPROCS(0)) }

// signer is a signer that waits for its turn.
func (s signing) signer(of *smime.Signer) *smime.Signer {
	own := *of
	own.Key = inTurn{of.Key, s}
	return &own
}

type inTurn struct {
	crypto.Signer
	turns signing
}

// Sign implements crypto.Signer.
func (k inTurn) Sign(random io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	k.turns <- struct{}{}
	defer func() { <-k.turns }()
	return k.Signer.Sign(random, digest, options)
}
