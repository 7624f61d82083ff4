package configfile

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/accounts"
)

// lifeYAML is a policy of mailboxes' lives; its keys are those of the control
// API, see accounts.Policy.
type lifeYAML struct{ accounts.Policy }

// UnmarshalYAML implements yaml.Unmarshaler. It goes by way of JSON, so that the
// names of the figures stand in one place.
func (l *lifeYAML) UnmarshalYAML(node *yaml.Node) error {
	return asJSON(node, &l.Policy)
}

// holderYAML is who bought a mailbox; keys as in accounts.Holder.
type holderYAML struct{ accounts.Holder }

// UnmarshalYAML implements yaml.Unmarshaler.
func (h *holderYAML) UnmarshalYAML(node *yaml.Node) error { return asJSON(node, &h.Holder) }

// asJSON reads a part of the description into a type that has names for JSON.
func asJSON(node *yaml.Node, into any) error {
	var plain any
	if err := node.Decode(&plain); err != nil {
		return err
	}
	octets, err := json.Marshal(plain)
	if err != nil {
		return atLine(node, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(octets))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return atLine(node, err)
	}
	return nil
}

// live puts the policies into the configuration.
func (p providerYAML) live(c *simulator.ProviderConfig) error {
	policies := accounts.Policies{Own: p.OwnDomains}
	if p.Life != nil {
		policies.Policy = p.Life.Policy
	}
	for _, domain := range sortedKeys(p.DomainLife) {
		if policies.Domains == nil {
			policies.Domains = map[string]accounts.Policy{}
		}
		if l := p.DomainLife[domain]; l != nil {
			policies.Domains[domain] = l.Policy
		}
	}
	if err := policies.Check(); err != nil {
		return fmt.Errorf("provider %s: %w", p.Name, err)
	}
	c.Life = policies
	return nil
}
