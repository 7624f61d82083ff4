package main

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/collaudo/collaudo/rules"
	"github.com/collaudo/collaudo/simulator"
)

// Roles that a target file made from a simulated world may give the harness.
const (
	roleUser      = "user"      // mailboxes of certified mail
	roleService   = "service"   // the providers' service mailboxes
	rolePeer      = "peer"      // providers for the harness to play
	roleOrdinary  = "ordinary"  // a mailbox of ordinary mail
	roleDirectory = "directory" // where the directory, the revocation list and names are asked for
	roleWhiteBox  = "white-box" // the control API
)

// ownRoles are those that a real provider gives too: all but its inside.
func ownRoles() []string {
	return []string{roleUser, roleService, rolePeer, roleOrdinary, roleDirectory}
}

// What follows is a target file as it is written: the form of steps.Target, with
// secrets and certificates in files of their own.
type (
	fileYAML struct {
		File string `yaml:"file"`
	}
	targetYAML struct {
		Kind      string            `yaml:"kind"`
		Name      string            `yaml:"name"`
		Patience  map[string]string `yaml:"patience"`
		Reach     reachYAML         `yaml:"reach"`
		TLS       *authoritiesYAML  `yaml:"tls"`
		Providers []providerYAML    `yaml:"providers"`
		Mailboxes []mailboxYAML     `yaml:"mailboxes"`
		Ordinary  *ordinaryYAML     `yaml:"ordinary,omitempty"`
		Limits    limitsYAML        `yaml:"limits"`
		Patterns  []patternYAML     `yaml:"patterns,omitempty"`
		Claims    []string          `yaml:"claims"`
		Peers     []peerYAML        `yaml:"peers,omitempty"`
		Directory *directoryYAML    `yaml:"directory,omitempty"`
		WhiteBox  *whiteBoxYAML     `yaml:"whiteBox,omitempty"`
	}
	reachYAML struct {
		Permits []string `yaml:"permits"`
	}
	authoritiesYAML struct {
		Authorities fileYAML `yaml:"authorities"`
	}
	providerYAML struct {
		Name               string   `yaml:"name"`
		Judged             bool     `yaml:"judged"`
		ServiceAddress     string   `yaml:"serviceAddress"`
		ServiceMailbox     string   `yaml:"serviceMailbox"`
		Domains            []string `yaml:"domains,flow"`
		SubmissionTLS      string   `yaml:"submissionTLS"`
		SubmissionSTARTTLS string   `yaml:"submissionSTARTTLS"`
		Incoming           string   `yaml:"incoming"`
		IMAP               string   `yaml:"imap"`
	}
	mailboxYAML struct {
		Address  string   `yaml:"address"`
		Actor    string   `yaml:"actor,omitempty"`
		Name     string   `yaml:"name,omitempty"`
		Role     string   `yaml:"role"`
		Provider string   `yaml:"provider,omitempty"`
		User     string   `yaml:"user"`
		Password fileYAML `yaml:"password,flow"`
	}
	ordinaryYAML struct {
		Name string `yaml:"name"`
		IMAP string `yaml:"imap"`
	}
	limitsYAML struct {
		MaxRecipients     int   `yaml:"maxRecipients"`
		MaxTotalBytes     int64 `yaml:"maxTotalBytes"`
		NoticeBytes       int64 `yaml:"noticeBytes"`
		RelayQueueSeconds int64 `yaml:"relayQueueSeconds"`
	}
	patternYAML struct {
		Name    string   `yaml:"name"`
		Octets  string   `yaml:"octets"`
		KnownTo []string `yaml:"knownTo,flow"`
	}
	peerYAML struct {
		Name           string          `yaml:"name"`
		ServiceAddress string          `yaml:"serviceAddress"`
		ServiceMailbox string          `yaml:"serviceMailbox"`
		Domains        []string        `yaml:"domains,flow"`
		Listen         string          `yaml:"listen"`
		TLS            pairYAML        `yaml:"tls"`
		BadTLS         pairYAML        `yaml:"badTLS"`
		Users          []userYAML      `yaml:"users"`
		Signers        []signerYAML    `yaml:"signers"`
		FileServer     *fileServerYAML `yaml:"fileServer,omitempty"`
	}
	userYAML struct {
		Address string `yaml:"address"`
		Actor   string `yaml:"actor"`
	}
	pairYAML struct {
		Certificate fileYAML `yaml:"certificate,flow"`
		Key         fileYAML `yaml:"key,flow"`
	}
	signerYAML struct {
		Name     string `yaml:"name"`
		pairYAML `yaml:",inline"`
	}
	fileServerYAML struct {
		Listen   string `yaml:"listen"`
		URL      string `yaml:"url"`
		pairYAML `yaml:",inline"`
	}
	directoryYAML struct {
		LDAP       string      `yaml:"ldap"`
		LDAPS      string      `yaml:"ldaps"`
		Base       string      `yaml:"base"`
		URL        string      `yaml:"url"`
		Revocation string      `yaml:"revocation"`
		DNS        string      `yaml:"dns"`
		Played     *playedYAML `yaml:"played,omitempty"`
	}
	playedYAML struct {
		Listen   string `yaml:"listen"`
		URL      string `yaml:"url"`
		pairYAML `yaml:",inline"`
		Signer   pairYAML `yaml:"signer"`
	}
	whiteBoxYAML struct {
		URL string `yaml:"url"`
	}
)

// targetFile is the target file of a running world, for the roles asked for.
// place makes the name under which a file of keysOf is named in it.
func targetFile(d simulator.Description, roles []string, patience map[string]string, place func(string) string) ([]byte, error) {
	has := func(role string) bool { return slices.Contains(roles, role) }
	file := func(name string) fileYAML { return fileYAML{place(name)} }
	pair := func(base string) pairYAML { return pairYAML{file(base + ".pem"), file(base + ".key")} }
	t := targetYAML{
		Kind: "provider", Name: "simulated world", Patience: patience,
		Reach:  reachYAML{Permits: []string{"virus", "hostile", "wrong-password", "load"}},
		TLS:    &authoritiesYAML{file("ca.pem")},
		Limits: limitsYAML(d.Limits), Patterns: patternsOf(d),
	}
	for _, c := range rules.Capabilities() { // a simulated provider leaves nothing out
		t.Claims = append(t.Claims, string(c))
	}
	mailbox := func(a simulator.Account, provider, role string) {
		t.Mailboxes = append(t.Mailboxes, mailboxYAML{
			Address: a.Address, Actor: a.Actor, Name: a.Actor, Role: role, Provider: provider, User: a.User, Password: file(passwordFile(a)),
		})
	}
	for _, p := range d.Providers {
		t.Providers = append(t.Providers, providerYAML{
			Name: p.Name, Judged: true, ServiceAddress: p.ServiceAddress, ServiceMailbox: p.ServiceMailbox.Address, Domains: p.Domains,
			SubmissionTLS: p.Hosts.SubmissionTLS, SubmissionSTARTTLS: p.Hosts.SubmissionSTARTTLS, Incoming: p.Hosts.Incoming, IMAP: p.Hosts.IMAP,
		})
		if has(roleService) {
			mailbox(p.ServiceMailbox, p.Name, "service")
		}
		if has(roleUser) {
			for _, a := range p.Accounts {
				mailbox(a, p.Name, "user")
			}
		}
	}
	if o := d.Ordinary; o != nil && has(roleOrdinary) {
		t.Ordinary = &ordinaryYAML{o.Domain, o.Hosts.IMAP}
		for _, a := range o.Accounts {
			mailbox(a, "", "ordinary")
		}
	}
	if has(rolePeer) {
		for _, p := range d.Peers {
			t.Peers = append(t.Peers, peerOf(p, pair))
		}
	}
	if has(roleDirectory) {
		t.Directory = directoryOf(d, pair)
	}
	if has(roleWhiteBox) {
		t.WhiteBox = &whiteBoxYAML{d.ControlURL}
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "# A simulated world as a target. Roles: %s.\n# Written by collaudo simulate target; it holds as long as that world does.\n", strings.Join(roles, ", "))
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(t); err != nil {
		return nil, err
	}
	return out.Bytes(), encoder.Close()
}

// patternsOf is the text that only the second of the built-in providers takes
// for a virus, where it does.
func patternsOf(d simulator.Description) []patternYAML {
	var knows []string
	for _, p := range d.Providers {
		if slices.Contains(p.KnownViruses, simulator.BoreaOnlyName) {
			knows = append(knows, p.Name)
		}
	}
	if len(knows) == 0 {
		return nil
	}
	return []patternYAML{{"known only to the recipient's provider", simulator.BoreaOnlyPattern, knows}}
}

func peerOf(p simulator.PeerDescription, pair func(string) pairYAML) peerYAML {
	peer := peerYAML{
		Name: p.Name, ServiceAddress: p.ServiceAddress, ServiceMailbox: p.ServiceMailbox, Domains: p.Domains, Listen: p.Incoming,
		TLS: pair(peerFile(p, "tls")), BadTLS: pair(peerFile(p, "bad-tls")),
	}
	for _, u := range p.Users {
		peer.Users = append(peer.Users, userYAML{Address: u.Address, Actor: u.Actor})
	}
	for _, s := range p.Signers {
		peer.Signers = append(peer.Signers, signerYAML{s.Name, pair(peerFile(p, s.Name))})
	}
	if host := hostOf(p.File); host != "" {
		peer.FileServer = &fileServerYAML{Listen: host, URL: p.File, pairYAML: peer.TLS}
	}
	return peer
}

func directoryOf(d simulator.Description, pair func(string) pairYAML) *directoryYAML {
	at := d.Directory
	s := &directoryYAML{LDAP: at.LDAP, LDAPS: at.LDAPS, Base: at.Base, URL: at.URL, Revocation: at.Revocation, DNS: at.DNS}
	if at.Played != nil {
		s.Played = &playedYAML{Listen: hostOf(at.Played.URL), URL: at.Played.URL, pairYAML: pair("directory/tls"), Signer: pair("directory/signer")}
	}
	return s
}

// hostOf is host:port of a URL, "" of none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
