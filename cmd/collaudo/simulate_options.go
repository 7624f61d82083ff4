package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/configfile"
	"github.com/collaudo/collaudo/simulator/faults"
)

// world puts the flags into a configuration; errors say which flag is wrong.
func (o simulateOptions) world() (simulator.Config, worldWords, error) {
	var c simulator.Config
	said, err := o.speaks()
	if err != nil {
		return c, said, err
	}
	if c, err = o.described(); err != nil {
		return c, said, err
	}
	c.Keys = authority.NewPool()
	if o.clock != real && o.clock != stepped {
		return c, said, fmt.Errorf("--clock %q: choose real or stepped", o.clock)
	}
	switch o.ports {
	case fixedPorts:
		if c, err = c.WithDefaultPorts(); err != nil {
			return c, said, err
		}
	case "free":
	default:
		return c, said, fmt.Errorf("--ports %q: choose default or free", o.ports)
	}
	c.Reserved = true
	c.Faults = append(c.Faults, o.faults...)
	if o.personality != "" {
		c.Faults = append(c.Faults, faults.PersonalityPrefix+o.personality)
	}
	if err := c.CheckFaults(); err != nil {
		return c, said, err
	}
	if o.limit != "" {
		if c.StoreBytes, err = configfile.ParseBytes(o.limit); err != nil {
			return c, said, fmt.Errorf("--limit: %w", err)
		}
	}
	return c, said, nil
}

// described is the world of --config, or the built-in one.
func (o simulateOptions) described() (simulator.Config, error) {
	if o.config == "" {
		return simulator.Pair(), nil
	}
	c, err := configfile.Load(o.config)
	if err != nil {
		return c, fmt.Errorf("--config: %w", err)
	}
	return c, nil
}

// speaks chooses the language.
func (o simulateOptions) speaks() (worldWords, error) {
	language := o.language
	if language == "" {
		language = environmentLanguage(os.Getenv)
	}
	said, known := languages[language]
	if !known {
		return languages["en"], fmt.Errorf("--lang %q: choose en or it", o.language)
	}
	return said, nil
}

// environmentLanguage is Italian when the environment says so, else English.
func environmentLanguage(env func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(name); v != "" {
			if strings.HasPrefix(v, "it") {
				return "it"
			}
			return "en"
		}
	}
	return "en"
}
