// Package configfile reads the description of a simulated world from YAML, for
// people who want another world than the built-in one: more providers, domains
// and mailboxes, domains that belong to a customer, providers of their own, a
// CA of their own, routes to servers of their own.
//
// It reads strictly, so that a misspelt key is an error and not a default, and
// starts nothing.
package configfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/collaudo/collaudo/simulator"
)

// maxFile bounds what is read of a description.
const maxFile = 16 << 20

// file is the description as it is written. README, "Worlds of your own", shows it.
type file struct {
	Pair      bool           `yaml:"pair"` // the built-in world comes first
	Providers []providerYAML `yaml:"providers"`
	Ordinary  *ordinaryYAML  `yaml:"ordinary"`
	Peers     []peerYAML     `yaml:"peers"`
	Routes    []routeYAML    `yaml:"routes"`
	Further   []furtherYAML  `yaml:"further"`
	Authority *rootYAML      `yaml:"authority"`
	Directory *sourceYAML    `yaml:"directory"`
	Apart     apartYAML      `yaml:"apart"`
	partsYAML `yaml:",inline"`

	OddDirectory bool       `yaml:"oddDirectory"`
	Faults       []string   `yaml:"faults"`
	Limit        bytesYAML  `yaml:"limit"`
	Ports        *portsYAML `yaml:"ports"`
}

// Load reads the description in a file. Files that it names are looked for
// beside it.
func Load(path string) (simulator.Config, error) {
	opened, err := os.Open(path)
	if err != nil {
		return simulator.Config{}, err
	}
	defer opened.Close()
	octets, err := io.ReadAll(io.LimitReader(opened, maxFile+1))
	if err != nil {
		return simulator.Config{}, err
	}
	c, err := Read(octets, filepath.Dir(path))
	if err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// Read reads a description. Files that it names are looked for in dir.
func Read(octets []byte, dir string) (simulator.Config, error) {
	var f file
	if len(octets) > maxFile {
		return simulator.Config{}, fmt.Errorf("the description is longer than %d bytes", maxFile)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(octets))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return simulator.Config{}, err
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return simulator.Config{}, errors.New("a description is one YAML document, more follows")
	}
	c, err := f.config(dir)
	if err != nil {
		return c, err
	}
	return c, check(c)
}

// config puts the description into the simulator's terms.
func (f file) config(dir string) (simulator.Config, error) {
	var c simulator.Config
	if f.Pair {
		c = simulator.Pair()
	}
	for _, p := range f.Providers {
		provider, err := p.config()
		if err != nil {
			return c, err
		}
		c.Providers = append(c.Providers, provider)
	}
	if f.Ordinary != nil {
		c.Ordinary = f.Ordinary.config()
	}
	for _, p := range f.Peers {
		c.Peers = append(c.Peers, p.config())
	}
	for _, r := range f.Routes {
		c.Routes = append(c.Routes, r.config())
	}
	for _, w := range f.Further {
		further, err := w.config(dir)
		if err != nil {
			return c, err
		}
		c.Further = append(c.Further, further)
	}
	var err error
	if f.Authority != nil {
		if c.Root, err = f.Authority.config(dir); err != nil {
			return c, err
		}
	}
	if f.Directory != nil {
		if c.Directory, err = f.Directory.config(dir); err != nil {
			return c, err
		}
	}
	if f.Ports != nil {
		f.Ports.apply(&c)
	}
	f.Apart.apply(&c)
	if err := f.partsYAML.apply(&c); err != nil {
		return c, err
	}
	c.OddDirectory, c.Faults, c.StoreBytes = f.OddDirectory, f.Faults, int64(f.Limit)
	return c, nil
}
