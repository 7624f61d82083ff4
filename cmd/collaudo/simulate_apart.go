package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/simulator"
)

// apartOptions are the flags of a process that plays some parts of a world.
type apartOptions struct {
	play         []string
	certificates string
}

func (o *apartOptions) flags(command *cobra.Command) {
	f := command.Flags()
	f.StringSliceVar(&o.play, "play", nil, "play this part of a world that --config says is apart: a service domain, the ordinary host's domain, "+simulator.AuthorityPart+" (repeatable)")
	f.StringVar(&o.certificates, "certificates", "", "folder of the part's keys and certificates, as 'collaudo simulate certificates' makes it")
}

// part makes the configuration of this process, when the world is apart.
func (o apartOptions) part(c simulator.Config) (simulator.Config, error) {
	switch {
	case c.Apart == nil && (len(o.play) > 0 || o.certificates != ""):
		return c, errors.New("--play and --certificates are for a world that its description (--config) says is apart")
	case c.Apart == nil:
		return c, nil
	case len(o.play) == 0:
		return c, fmt.Errorf("--play: this world is apart, say which of its parts to play: %s", strings.Join(c.PartNames(), ", "))
	case o.certificates == "":
		return c, errors.New("--certificates: the processes of a world that is apart need a folder each, as 'collaudo simulate certificates' makes them")
	}
	part, err := c.Part(o.play...)
	if err != nil {
		return c, fmt.Errorf("--play: %w", err)
	}
	return part, nil
}

// about are the words for a world: one whose hosts are said by their names is not
// on this machine only.
func (w worldWords) about(c simulator.Config) worldWords {
	if c.Apart != nil && c.Apart.Named() {
		w.warning = w.private
	}
	return w
}

// trust puts the folder of the part into its configuration.
func (o apartOptions) trust(c *simulator.Config) error {
	if o.certificates == "" {
		return nil
	}
	if err := c.UseCertificates(o.certificates); err != nil {
		return fmt.Errorf("--certificates: %w", err)
	}
	return nil
}

func certificatesCommand() *cobra.Command {
	var config, out string
	command := &cobra.Command{
		Use:   "certificates",
		Short: "Make keys and certificates for a world that several processes play",
		Long: "Makes a folder for each part of a world that its description says is apart: its keys and certificates, the CA's\n" +
			"certificate, and directory and revocation list to begin with. Give each process its own folder (--certificates); that\n" +
			"of " + simulator.AuthorityPart + " holds the key of the CA and those of everybody, as made here. What is there already is kept.\n\n" +
			"Exit codes: 0 made, 2 usage.",
		Example: "  collaudo simulate certificates --config docker/world.yaml --out trust",
		Args:    noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			err := refuseBlanks(command, "config", "out")
			if err == nil && (config == "" || out == "") {
				err = errors.New("say --config and --out")
			}
			var c simulator.Config
			if err == nil {
				c, _, err = simulateOptions{config: config, ports: fixedPorts, clock: real, language: "en"}.world()
			}
			if err == nil {
				err = c.IssueCertificates(out)
			}
			if err != nil {
				return exit{conformance.ExitUsage, err}
			}
			fmt.Fprintf(command.OutOrStdout(), "made in %s: %s\n", out, strings.Join(c.PartNames(), ", "))
			return nil
		},
	}
	f := command.Flags()
	f.StringVar(&config, "config", "", "YAML file that describes the world")
	f.StringVar(&out, "out", "", "folder in which one folder for each part is made")
	return command
}
