package steps

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"

	"github.com/collaudo/collaudo/evidence"
)

// fileManner is how a directory server that the harness plays behaves.
type fileManner string

// Manners of the played servers, as evidence names them.
const (
	fileGood        fileManner = "good"
	fileTampered    fileManner = "tampered"
	fileTruncated   fileManner = "truncated"
	fileStranger    fileManner = "signed-by-a-stranger"
	fileUnsigned    fileManner = "unsigned"
	fileOlder       fileManner = "rolled-back"
	fileDown        fileManner = "down"
	fileWrongServer fileManner = "wrong-server-certificate"
	filePrinted     fileManner = "printed-form" // sound, in the form of the RFC's examples
)

// What a DirectoryChange is about.
const (
	changeDomain    = "domain-added"
	changeFile      = "file-published"
	changeRevoked   = "certificate-revoked"
	newDomainPrefix = "nuovo-" // of the domain that a new version adds
)

// openRegistries starts the directory servers that the target leaves to the
// harness. They say at first what the target's directory says.
func (w *World) openRegistries(ctx context.Context) error {
	played := w.target.Directory.Played
	if played == nil && !slices.ContainsFunc(w.target.Peers, func(p Peer) bool { return p.FileServer != nil }) {
		return nil
	}
	if w.options.Peers != nil && !slices.Contains(w.options.Uses, UseDirectoryServers) {
		return nil // others may be at them
	}
	answer, err := w.trust(ctx)
	if err != nil {
		return fmt.Errorf("play a directory server: the directory is not known: %w", err)
	}
	ldif := []byte(answer.Directory)
	for i := range w.target.Peers {
		if peer := &w.target.Peers[i]; peer.FileServer != nil {
			if err := w.openOwnFile(ctx, peer, ldif); err != nil {
				return err
			}
		}
	}
	if played == nil {
		return nil
	}
	return w.openCentral(ctx, played, ldif)
}

func (w *World) openOwnFile(ctx context.Context, peer *Peer, ldif []byte) error {
	own, err := ownEntries(ldif, peer.Name)
	if err != nil {
		return err
	}
	signer, err := peer.signer(correctSigner)
	if err != nil {
		return err
	}
	r := &registry{
		w: w, what: lookOwn, provider: peer.Name, url: peer.FileServer.URL, signer: signer,
		stranger: w.strangerTo(peer), manner: fileGood, ldif: own,
	}
	return w.openRegistry(ctx, r, peer.FileServer.Listen, KeyPair{peer.FileServer.Certificate, peer.FileServer.Key}, peer.BadTLS)
}

func (w *World) openCentral(ctx context.Context, played *PlayedDirectory, ldif []byte) error {
	r := &registry{
		w: w, what: lookCentral, url: played.URL, manner: fileGood, ldif: ldif, lastGood: ldif,
		signer: PeerSigner{Name: "directory", Certificate: played.Signer.Certificate, Key: played.Signer.Key},
	}
	var bad KeyPair
	if len(w.target.Peers) > 0 {
		r.stranger, bad = w.target.Peers[0].Signers[0], w.target.Peers[0].BadTLS
	}
	return w.openRegistry(ctx, r, played.Listen, KeyPair{played.Certificate, played.Key}, bad)
}

// strangerTo is a key that does not sign for this peer: one that no record
// lists, else that of another peer.
func (w *World) strangerTo(peer *Peer) PeerSigner {
	if unlisted, err := peer.signer("unlisted"); err == nil {
		return unlisted
	}
	for _, other := range w.target.Peers {
		if other.Name != peer.Name {
			return other.Signers[0]
		}
	}
	return PeerSigner{}
}

func (w *World) openRegistry(ctx context.Context, r *registry, address string, good, bad KeyPair) error {
	var err error
	if r.good, err = serverConfig(good); err != nil {
		return fmt.Errorf("play the server at %s: %w", address, err)
	}
	if bad != (KeyPair{}) {
		if r.bad, err = serverConfig(bad); err != nil {
			return fmt.Errorf("play the server at %s: the certificate that does not verify: %w", address, err)
		}
	}
	if err := r.open(ctx, address); err != nil {
		return err
	}
	w.mu.Lock()
	w.registries = append(w.registries, r)
	w.mu.Unlock()
	return nil
}

func serverConfig(pair KeyPair) (*tls.Config, error) {
	certificate, err := tls.X509KeyPair([]byte(pair.Certificate), []byte(pair.Key))
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12,
		ClientAuth: tls.RequestClientCert, NextProtos: []string{"http/1.1"},
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256}, // the cheap ones: a year has many requests
	}, nil
}

// closeRegistries ends the played directory servers.
func (w *World) closeRegistries() {
	w.mu.Lock()
	all := w.registries
	w.registries = nil
	w.mu.Unlock()
	for _, r := range all {
		r.close()
	}
}

// registryTrouble says what the played directory servers could not do, most of
// all write down.
func (w *World) registryTrouble() error {
	w.mu.Lock()
	all := slices.Clone(w.registries)
	w.mu.Unlock()
	var errs []error
	for _, r := range all {
		r.mu.Lock()
		errs = append(errs, r.trouble)
		r.mu.Unlock()
	}
	return errors.Join(errs...)
}

// registry finds the played server of a kind; provider is "" for the central
// directory.
func (w *World) registry(what, provider string) *registry {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.registries {
		if r.what == what && r.provider == provider {
			return r
		}
	}
	return nil
}

// servedDirectory is the directory that the harness, playing the central one,
// last handed out in good state; "" when it does not play it.
func (w *World) servedDirectory() string {
	r := w.registry(lookCentral, "")
	if r == nil {
		return ""
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return string(r.lastGood)
}

// publish puts a new version of the file in place, sound or not, in which the
// provider manages one more domain.
func (r *registry) publish(manner fileManner, provider, domain string) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.w.now()
	more, err := withDomain(r.ldif, provider, domain)
	if err != nil {
		return nil, err
	}
	var file []byte
	switch manner {
	case fileGood, filePrinted:
		if manner == filePrinted {
			if more, err = printedForm(more, provider); err != nil {
				return nil, err
			}
		}
		if r.file == nil {
			if r.file, err = signedFile(r.signer, r.ldif, r.ldif, at); err != nil {
				return nil, err
			}
		}
		r.previous, r.ldif = r.file, more
		file, err = signedFile(r.signer, more, more, at)
	case fileWrongServer:
		if r.bad == nil {
			return nil, errors.New("the target gives the harness no server certificate that does not verify: add badTLS to a peer")
		}
		r.ldif, r.unheard = more, domain
		file, err = signedFile(r.signer, more, more, at)
	case fileTampered:
		file, err = signedFile(r.signer, more, r.ldif, at)
	case fileTruncated:
		if file, err = signedFile(r.signer, more, more, at); err == nil {
			file = truncated(file)
		}
	case fileStranger:
		if r.stranger.Certificate == "" {
			return nil, errors.New("the target gives the harness no other key to sign with: add a signer \"unlisted\" to the peer")
		}
		file, err = signedFile(r.stranger, more, more, at)
	case fileUnsigned:
		file = more
	case fileOlder:
		if r.previous == nil {
			return nil, errors.New("the step speaks of an older file, but no new one was published in this scenario")
		}
		file = r.previous
	default:
		return nil, fmt.Errorf("a file cannot be published in the manner %q", manner)
	}
	if err != nil {
		return nil, err
	}
	r.file, r.manner, r.seen = file, manner, nil
	return file, nil
}

// behave changes how the server meets its clients. When it is good again, so
// is the file, and news is the domain in it that nobody could hear of before.
func (r *registry) behave(manner fileManner) (news string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if manner == fileGood {
		r.file, news, r.unheard = nil, r.unheard, ""
	}
	r.manner, r.seen = manner, nil
	return news
}

// change writes down what the harness made known.
func (w *World) change(c evidence.DirectoryChange, octets []byte) error {
	c.At = w.now().UTC()
	if octets != nil {
		blob, err := w.recorder.Keep(evidence.TrustBlob, octets, false)
		if err != nil {
			return err
		}
		c.Blob = blob
	}
	w.disturbed()
	return w.recorder.Record(evidence.Event{Type: evidence.DirectoryMoved, DirectoryMoved: &c})
}
