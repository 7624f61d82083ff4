package steps

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/evidence"
	"github.com/collaudo/collaudo/fixtures"
)

// directoryVocabulary lists the steps about the providers directory and the
// names of hosts: looking things up, and playing the servers of the directory.
func (w *World) directoryVocabulary() []definition {
	return []definition{
		{`^the directory is read over LDAP$`, "reads every entry and the schema over LDAP", w.readLDAP},
		{
			`^(Anna|Bruno|Paolo|Delia)'s (domain|provider) is searched for in capital letters over LDAP$`,
			"searches the directory in the other letter case", w.searchLDAP,
		},
		{
			`^the directory is read over HTTPS( without a certificate)?$`,
			"fetches the complete directory, as a provider does or as a stranger", w.readCentral,
		},
		{`^the file of (Anna|Bruno|Paolo)'s provider is fetched$`, "fetches the directory file that a provider serves itself", w.readOwnFile},
		{`^the revocation list is fetched$`, "fetches the revocation list of the authority", w.readRevocation},
		{`^the mail hosts of (Anna|Bruno|Paolo)'s domain are looked up$`, "asks the name service for MX records", w.lookUpHosts},
		{
			`^(Paolo)'s provider publishes (` + publishedPattern() + `)$`,
			"has a peer serve a new version of its own directory file, sound or not", w.publishOwn,
		},
		{`^the file server of (Paolo)'s provider is down$`, "has a peer's own directory file out of reach", w.closeOwn},
		{
			`^the central directory serves (` + publishedPattern() + `)(?: of (Paolo)'s provider)?$`,
			"has the central directory, which the harness plays, serve a new version, sound or not", w.publishCentral,
		},
		{
			`^the central directory (is down|works as it should)$`,
			"changes how the central directory, which the harness plays, meets its clients", w.behaveCentral,
		},
		{`^the renewed certificate of (Paolo)'s provider is revoked$`, "has the authority revoke a certificate and publish a new list", w.revokeRenewed},
		{`^(?:it|that) is (handed out|withheld)$`, "asks whether what was looked up last was handed out", w.expectReading},
	}
}

// published lists the versions of a file that a scenario can name. All but the
// older one add the same new domain, so that applying them shows.
func published() map[string]fileManner {
	return map[string]fileManner{
		"a new domain":                     fileGood,
		"a tampered file":                  fileTampered,
		"a truncated file":                 fileTruncated,
		"a file that is not signed":        fileUnsigned,
		"a file that somebody else signed": fileStranger,
		"a new domain under a certificate that does not verify": fileWrongServer,
		"a new domain in the form of the printed examples":      filePrinted,
		"an older file": fileOlder,
	}
}

func publishedPattern() string {
	words := slices.Sorted(maps.Keys(published()))
	slices.Reverse(words) // longer ones before their beginnings
	for i := range words {
		words[i] = regexp.QuoteMeta(words[i])
	}
	return strings.Join(words, "|")
}

// newDomainOf is the domain that a new version of a peer's record adds.
func newDomainOf(u *PeerUser) string { return newDomainPrefix + domainOf(u.Address) }

func (w *World) publishOwn(_ context.Context, actor, words string) error {
	r, peer, user, err := w.ownRegistry(actor)
	if err != nil {
		return err
	}
	return w.publish(r, words, peer, user)
}

func (w *World) closeOwn(_ context.Context, actor string) error {
	r, _, _, err := w.ownRegistry(actor)
	if err != nil {
		return err
	}
	r.behave(fileDown)
	w.disturbed()
	return nil
}

// ownRegistry finds the server of a peer's own file.
func (w *World) ownRegistry(actor string) (*registry, *Peer, *PeerUser, error) {
	peer, user := w.target.peerUser(actor)
	if peer == nil {
		return nil, nil, nil, fmt.Errorf("the target describes no peer with a user %q", actor)
	}
	r := w.registry(lookOwn, peer.Name)
	if r == nil {
		return nil, nil, nil, fmt.Errorf("the target gives %s no server of its own directory file: add fileServer to the peer", peer.Name)
	}
	return r, peer, user, nil
}

func (w *World) publishCentral(_ context.Context, words, actor string) error {
	if actor == "" {
		actor = "Paolo" // every version has news of somebody
	}
	peer, user := w.target.peerUser(actor)
	r := w.registry(lookCentral, "")
	if peer == nil || r == nil {
		return errors.New("the harness does not play the central directory here: add directory.played to the target, or the tag @plays-directory to the scenario")
	}
	return w.publish(r, words, peer, user)
}

func (w *World) publish(r *registry, words string, peer *Peer, user *PeerUser) error {
	manner, domain := published()[words], newDomainOf(user)
	file, err := r.publish(manner, peer.Name, domain)
	if err != nil {
		return err
	}
	change := evidence.DirectoryChange{What: changeFile, Manner: string(manner), Provider: r.provider, Subject: domain}
	if r.what == lookCentral && (manner == fileGood || manner == filePrinted) {
		change.What, change.Provider = changeDomain, peer.Name
	}
	return w.change(change, file)
}

func (w *World) behaveCentral(_ context.Context, words string) error {
	r := w.registry(lookCentral, "")
	if r == nil {
		return errors.New("the harness does not play the central directory here: add directory.played to the target, or the tag @plays-directory to the scenario")
	}
	if words == "is down" {
		r.behave(fileDown)
		w.disturbed()
		return nil
	}
	domain := r.behave(fileGood)
	if domain == "" {
		w.disturbed()
		return nil
	}
	return w.change(evidence.DirectoryChange{
		What: changeDomain, Manner: string(fileGood), Provider: w.target.nameOfProvider(strings.TrimPrefix(domain, newDomainPrefix)), Subject: domain,
	}, nil)
}

func (w *World) revokeRenewed(ctx context.Context, actor string) error {
	peer, _ := w.target.peerUser(actor)
	if peer == nil {
		return fmt.Errorf("the target describes no peer with a user %q", actor)
	}
	signer, err := peer.signer("renewed")
	if err != nil {
		return err
	}
	block, _ := pem.Decode(bytes.TrimSpace([]byte(signer.Certificate)))
	if block == nil {
		return fmt.Errorf("the renewed certificate of %s is no PEM", peer.Name)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return err
	}
	own := pem.EncodeToMemory(block)
	err = w.tell(ctx, "/v1/authority/revoke", map[string]string{"certificate": string(own)}, nil)
	if errors.Is(err, errNotOffered) {
		return fmt.Errorf("the target's authority cannot be told to revoke a certificate: %w", err)
	}
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.revoked = append(w.revoked, signer.Certificate)
	w.mu.Unlock()
	return w.change(evidence.DirectoryChange{What: changeRevoked, Provider: peer.Name, Subject: certificate.SerialNumber.Text(16)}, own)
}

// intentOf says what a message of a peer is meant to break: what its damage
// breaks, or the validity of the certificate where the scenario had it revoked.
func (w *World) intentOf(damage fixtures.Damage, signer *PeerSigner) evidence.Intent {
	w.mu.Lock()
	defer w.mu.Unlock()
	intent := evidence.Intent{DamagedAt: damage.Breaks, Note: damage.Note}
	if intent.DamagedAt == "" && signer != nil && slices.Contains(w.revoked, signer.Certificate) {
		intent.DamagedAt, intent.Note = "PEC-SIG-006", "signed with a certificate that was revoked in this scenario"
	}
	return intent
}

// expectReading asks for the outcome of the last look.
func (w *World) expectReading(ctx context.Context, outcome string) error {
	w.mu.Lock()
	reading := w.lastReading
	w.mu.Unlock()
	if reading == "" {
		return errors.New("the step speaks of something that was looked up, but nothing was in this scenario")
	}
	return w.settledThen(ctx, func() error {
		return w.expect(checkReading, "", map[string]string{"reading": reading, "outcome": strings.ReplaceAll(outcome, " ", "-")})
	})
}
