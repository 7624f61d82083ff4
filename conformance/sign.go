package conformance

import (
	"bytes"
	"cmp"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/digitorus/timestamp"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/pec/smime"
)

// Bounds of asking for a time stamp.
const (
	stampPatience = 30 * time.Second // from the question to the end of the answer
	maxApart      = 10 * time.Minute // between the stamp and now: how far clocks may differ, and how long the folder took to verify
)

// SignOptions say who signs a run folder.
type SignOptions struct {
	Key         crypto.Signer // RSA or ECDSA
	Certificate *x509.Certificate
	Chain       []*x509.Certificate // put beside the certificate; may be empty
	// TimestampURL is the address of a time stamping authority (RFC 3161) over HTTP;
	// empty: no time stamp.
	TimestampURL string
	Client       *http.Client  // to ask it with; nil: one of its own
	Patience     time.Duration // with that authority; 0: half a minute
	Random       io.Reader     // for the nonce of that question
	Now          time.Time
	Version      string // of the tool
}

// Sign signs the manifest of a run folder: SignatureFile is a detached CMS
// signature over ManifestFile (RFC 5652), TimestampFile the answer of a time
// stamping authority over SignatureFile (RFC 3161). A folder that does not verify
// is not signed, nor is one that was signed already: ErrEvidence and ErrUsage. A
// time stamp that cannot be had leaves the folder unsigned: ErrUnreachable.
func Sign(ctx context.Context, dir string, o SignOptions) (*Verified, error) {
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	v, err := Verify(ctx, dir, VerifyOptions{Version: o.Version, Now: o.Now})
	switch {
	case err != nil:
		return nil, err
	case len(v.Findings) > 0:
		return nil, fmt.Errorf("%w: it is not signed: %s", ErrEvidence, v.Findings[0])
	case !v.Sealed:
		return nil, fmt.Errorf("%w: the run in %s was interrupted, and there is no manifest to sign: finish it with 'collaudo run --resume %s', or its report with 'collaudo report render %s'", ErrUsage, dir, dir, dir)
	case v.Uncompared != "":
		return nil, fmt.Errorf("%w: it is not signed: its pages could not be compared with its verdicts, because %s: sign it with that version", ErrUsage, v.Uncompared)
	case v.Signature != "":
		return nil, fmt.Errorf("%w: %s is signed already, by %s: take %s and %s out of the folder to sign it anew", ErrUsage, dir, v.Signature, evidence.SignatureFile, evidence.TimestampFile)
	}
	manifest, err := os.ReadFile(filepath.Join(dir, evidence.ManifestFile))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	signer := &smime.Signer{Certificate: o.Certificate, Chain: o.Chain, Key: o.Key}
	signed, err := signer.Sign(manifest, o.Now)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	var stamped []byte
	if o.TimestampURL != "" {
		if stamped, err = o.stamp(ctx, signed); err != nil {
			return nil, fmt.Errorf("%w: no time stamp from %s, so nothing was signed: %w", ErrUnreachable, o.TimestampURL, err)
		}
	}
	if err := evidence.Sign(dir, signed, stamped); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	return Verify(ctx, dir, VerifyOptions{Version: o.Version, Now: o.Now, Evidence: true})
}

// check refuses what would make a signature that nobody accepts.
func (o *SignOptions) check() error {
	c := o.Certificate
	if c == nil || o.Key == nil {
		return errors.New("expected a key and a certificate, one of them is missing")
	}
	if key, comparable := o.Key.Public().(interface{ Equal(crypto.PublicKey) bool }); !comparable || !key.Equal(c.PublicKey) {
		return fmt.Errorf("the key does not belong to the certificate of %s", nameOf(c))
	}
	if o.Now.Before(c.NotBefore) || o.Now.After(c.NotAfter) {
		return fmt.Errorf("the certificate of %s is valid from %s to %s: expected one that is valid now", nameOf(c), legalInstant(c.NotBefore), legalInstant(c.NotAfter))
	}
	if c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return fmt.Errorf("the certificate of %s is not for signing: its key usage has neither digitalSignature nor nonRepudiation", nameOf(c))
	}
	if o.TimestampURL == "" {
		return nil
	}
	u, err := url.Parse(o.TimestampURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q is no address of a time stamping authority: expected http:// or https:// and a host", o.TimestampURL)
	}
	return nil
}

// stamp asks a time stamping authority for a stamp over octets (RFC 3161 3.4) and
// takes only one that is over them and answers this very question.
func (o *SignOptions) stamp(ctx context.Context, octets []byte) ([]byte, error) {
	const bitsOfNonce = 64
	random := make([]byte, bitsOfNonce/8)
	if _, err := io.ReadFull(o.Random, random); err != nil {
		return nil, err
	}
	nonce := new(big.Int).SetBytes(random)
	question, err := timestamp.CreateRequest(bytes.NewReader(octets), &timestamp.RequestOptions{Hash: crypto.SHA256, Certificates: true, Nonce: nonce})
	if err != nil {
		return nil, err
	}
	ctx, done := context.WithTimeout(ctx, cmp.Or(o.Patience, stampPatience))
	defer done()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, o.TimestampURL, bytes.NewReader(question))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/timestamp-query")
	request.Header.Set("Accept", "application/timestamp-reply")
	client := o.Client
	if client == nil {
		client = &http.Client{}
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %s", response.Status)
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxSeal+1))
	if err != nil {
		return nil, err
	}
	if len(answer) > maxSeal {
		return nil, fmt.Errorf("its answer is larger than %d bytes", maxSeal)
	}
	token, _, err := readTimestamp(answer, octets)
	if err != nil {
		return nil, err
	}
	if token.Nonce == nil || token.Nonce.Cmp(nonce) != 0 {
		return nil, errors.New("its answer is to another question: the nonce differs")
	}
	if apart := token.Time.Sub(o.Now).Abs(); apart > maxApart {
		return nil, fmt.Errorf("its answer is of %s, and it is %s: expected at most %s between them; one of the two clocks is wrong, or the answer is an old one", legalInstant(token.Time), legalInstant(o.Now), maxApart)
	}
	return answer, nil
}
