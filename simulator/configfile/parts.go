package configfile

import (
	"errors"
	"fmt"
	"net"
	"net/url"

	"go.yaml.in/yaml/v3"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/antivirus"
	"github.com/collaudo/collaudo/simulator/mx"
)

// partsYAML are real programs in place of what is built in; see "Real parts" in
// the README beside this file.
type partsYAML struct {
	Antivirus *antivirusYAML `yaml:"antivirus"`
	DNS       *dnsYAML       `yaml:"dns"`
	RelayHost *relayHostYAML `yaml:"relayHost"`
}

// antivirusYAML is a scanner that runs beside the world.
type antivirusYAML struct {
	Clamd string `yaml:"clamd"` // host:port or unix:/path
}

// dnsYAML is a name server: its address, or a mapping.
type dnsYAML struct {
	Server   string `yaml:"server"`   // host:port
	MailPort string `yaml:"mailPort"` // where the hosts that it names take mail; default 25
}

// relayHostYAML passes mail on: its address, or a mapping.
type relayHostYAML struct {
	Address string `yaml:"address"` // host:port
	TLSName string `yaml:"tlsName"` // default: the host of the address
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (d *dnsYAML) UnmarshalYAML(node *yaml.Node) error {
	type mapping dnsYAML
	return addressOr(node, &d.Server, (*mapping)(d), "server", "mailPort")
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (r *relayHostYAML) UnmarshalYAML(node *yaml.Node) error {
	type mapping relayHostYAML
	return addressOr(node, &r.Address, (*mapping)(r), "address", "tlsName")
}

// addressOr reads an address that stands alone, or a mapping with these keys. A
// decoder that is strict is so no more within an UnmarshalYAML, so keys are looked
// at here.
func addressOr(node *yaml.Node, address *string, mapping any, keys ...string) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(address)
	}
	for i := 0; node.Kind == yaml.MappingNode && i < len(node.Content); i += 2 {
		if key := node.Content[i]; key.Value != keys[0] && key.Value != keys[1] {
			return atLine(key, fmt.Errorf("unknown key %s: want %s or %s", key.Value, keys[0], keys[1]))
		}
	}
	if err := node.Decode(mapping); err != nil {
		return err
	}
	if *address == "" {
		return atLine(node, errors.New(keys[0]+" is missing: want a port on this machine, such as 127.0.0.1:5353"))
	}
	return nil
}

// address is that of the daemon, "" when none is named.
func (a *antivirusYAML) address() (string, error) {
	if a == nil {
		return "", nil
	}
	if a.Clamd == "" {
		return "", errors.New("antivirus: say where clamd is, such as clamd: 127.0.0.1:3310 or clamd: unix:/run/clamav/clamd.ctl")
	}
	_, err := antivirus.NewClamd(a.Clamd, antivirus.ClamdOptions{})
	return a.Clamd, err
}

// apply puts the parts into a configuration.
func (p partsYAML) apply(c *simulator.Config) (err error) {
	if c.Parts.Clamd, err = p.Antivirus.address(); err != nil {
		return err
	}
	if p.DNS != nil {
		if _, err := mx.New(p.DNS.Server, p.DNS.MailPort); err != nil {
			return fmt.Errorf("dns: %w", err)
		}
		c.Parts.DNS, c.Parts.MailPort = p.DNS.Server, p.DNS.MailPort
	}
	if p.RelayHost != nil {
		c.Parts.RelayHost = simulator.RelayHost(*p.RelayHost)
		return onThisMachine("relayHost", p.RelayHost.Address)
	}
	return nil
}

// checkLDAP wants the URL of a directory server on this machine.
func checkLDAP(address string) error {
	at, err := url.Parse(address)
	if err != nil || at.Scheme != "ldap" && at.Scheme != "ldaps" {
		return fmt.Errorf("directory: ldap is %q: want a URL such as ldap://127.0.0.1:1389", address)
	}
	host := at.Hostname()
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("directory: ldap is %q: want a server on this machine, such as ldap://127.0.0.1:1389; the simulator asks nobody outside", address)
	}
	return nil
}
