package steps

import (
	"net/url"
	"path"
)

// WhiteBox is how the harness is told what a target claims of its inside, and
// how it has the target's clock moved: by HTTP or by a command, one for the
// whole target or one for each of its hosts. What is asked, and what is
// answered, is published in fixtures/targets/white-box.openapi.yaml. Every
// operation of it is optional.
type WhiteBox struct {
	URL     string         `yaml:"url,omitempty" json:"url,omitempty"`         // base of the operations
	Command []string       `yaml:"command,omitempty" json:"command,omitempty"` // program and first arguments; see askCommand
	Hosts   []WhiteBoxHost `yaml:"hosts,omitempty" json:"hosts,omitempty"`     // asked in this order
	Token   Secret         `yaml:"token,omitempty" json:"-"`                   // shown as a bearer token over HTTP
}

// WhiteBoxHost is the white box of one provider.
type WhiteBoxHost struct {
	Provider string `yaml:"provider" json:"provider"`
	URL      string `yaml:"url" json:"url"`
}

// given tells that there is a white box at all.
func (b *WhiteBox) given() bool { return b.URL != "" || len(b.Command) > 0 || len(b.Hosts) > 0 }

func (b *WhiteBox) check(providers map[string]bool, complain func(format string, a ...any)) {
	ways := 0
	for _, is := range []bool{b.URL != "", len(b.Command) > 0, len(b.Hosts) > 0} {
		if is {
			ways++
		}
	}
	if ways > 1 {
		complain("whiteBox: give one of url, command and hosts, not several")
	}
	if ways == 0 && b.Token != "" {
		complain("whiteBox: a token without url or hosts has no use")
	}
	addresses := []string{}
	if b.URL != "" {
		addresses = append(addresses, b.URL)
	}
	seen := map[string]bool{}
	for _, h := range b.Hosts {
		if !providers[h.Provider] || seen[h.Provider] {
			complain("whiteBox.hosts: provider %q is not described, or stands there twice", h.Provider)
		}
		seen[h.Provider] = true
		addresses = append(addresses, h.URL)
	}
	for _, address := range addresses {
		if u, err := url.Parse(address); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			complain("whiteBox: %q is no http or https URL", address)
		}
	}
	if len(b.Command) > 0 && path.Clean(b.Command[0]) == "." {
		complain("whiteBox.command: the program is missing")
	}
}
