package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/authority"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/datadir"
)

// simulateOptions are the flags of collaudo simulate.
type simulateOptions struct {
	config, data, personality, ports, readyFile, clock, language, limit string
	faults                                                              []string
	apart                                                               apartOptions
}

// Values of --clock.
const (
	real    = "real"
	stepped = "stepped"
)

// fixedPorts is a value of --ports; the other one is free.
const fixedPorts = "default"

// ending bounds how long a world may take to end after it was told to.
const ending = 10 * time.Second

func simulateCommand() *cobra.Command {
	var o simulateOptions
	command := &cobra.Command{
		Use:   "simulate",
		Short: "Play a world of certified e-mail on this machine, to try a client or a program against",
		Long: "Starts two simulated providers of certified e-mail with ready mailboxes, an ordinary mail host, a CA and the\n" +
			"directory of providers, prints how to reach them, and runs until it is interrupted. Everything listens on\n" +
			"127.0.0.1; nothing is ever sent outside, and what is signed proves nothing outside.\n\n" +
			"Exit codes: 0 ended when told to (Ctrl-C, SIGTERM), 2 usage, 3 it could not start or not end in order.",
		Example: "  collaudo simulate                          everything on fixed ports, in memory\n" +
			"  collaudo simulate --data world             keeps mail, keys and CA in the folder world\n" +
			"  collaudo simulate --ports free --ready-file ready.json    for a pipeline\n" +
			"  collaudo simulate --clock stepped          time can be moved on: twelve hours pass in a moment\n" +
			"  collaudo simulate --fault delivery-none@gestore.borea.example    a provider that keeps its receipts\n" +
			"  collaudo simulate ready --wait 30s         returns when the world is up",
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := refuseBlanks(command, "config", "data", "personality", "fault", "ready-file", "limit", "play", "certificates"); err != nil {
				return exit{conformance.ExitUsage, err}
			}
			return simulate(command, o)
		},
	}
	f := command.Flags()
	f.StringVar(&o.config, "config", "", "YAML file that describes the world (see the README); without it the built-in pair")
	f.StringVar(&o.data, "data", "", "folder in which the world lasts: mail, log, keys and CA survive the end of the process")
	f.StringVar(&o.personality, "personality", "", "have the providers write as a family of real ones does: "+strings.Join(conformance.Personalities(), ", "))
	f.StringSliceVar(&o.faults, "fault", nil, "switch a fault on, ID or ID@service.domain (repeatable; 'collaudo mutants --list' names them)")
	f.StringVar(&o.ports, "ports", fixedPorts, "default: the same ones each time; free: whatever the system gives")
	f.StringVar(&o.readyFile, "ready-file", "", "write how to reach the world to this file (JSON) once it is up (default with --data: DIR/ready.json)")
	f.StringVar(&o.clock, "clock", real, "real: the machine's time; stepped: starts now and can be moved on")
	f.StringVar(&o.language, "lang", "", "language of what is printed and of the console: en, it (default: that of the environment)")
	f.StringVar(&o.limit, "limit", "", "most that each host may keep, such as 500MB or 2GiB (default 1GiB)")
	o.apart.flags(command)
	command.AddCommand(readyCommand(), recipientsCommand(), simulateTargetCommand(), certificatesCommand())
	return command
}

func simulate(command *cobra.Command, o simulateOptions) error {
	began := time.Now()
	config, words, err := o.world()
	if err == nil {
		config, err = o.apart.part(config)
	}
	if err != nil {
		return exit{conformance.ExitUsage, err}
	}
	place, err := o.open(command, &config)
	if err != nil {
		return exit{conformance.ExitUsage, err}
	}
	s := standing{options: o, words: words, place: place, out: command.OutOrStdout()}
	err = s.run(command.Context(), config, began)
	if err = errors.Join(err, place.close()); err != nil {
		return exit{conformance.ExitInvalid, err}
	}
	return nil
}

// place is where the files of a world lie: the data folder, or one that goes
// when the world ends.
type place struct {
	data      *datadir.Dir // nil without --data
	temporary string
	ready     string // "" for none
}

func (o simulateOptions) open(command *cobra.Command, config *simulator.Config) (*place, error) {
	p := &place{ready: o.readyFile}
	err := o.apart.trust(config)
	if err != nil {
		return nil, err
	}
	if o.data == "" {
		config.Clock = clock.System()
		if o.clock == stepped {
			config.Clock = clock.NewOffset(time.Now())
		}
		p.temporary, err = os.MkdirTemp("", "collaudo-")
		return p, err
	}
	trouble := command.ErrOrStderr()
	p.data, err = datadir.Open(o.data, func(err error) { fmt.Fprintln(trouble, "collaudo:", err) })
	if err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	if p.ready == "" {
		p.ready = p.data.ReadyFile()
	}
	if err = p.apply(command.Context(), config, o.clock); err != nil {
		return nil, errors.Join(fmt.Errorf("--data: %w", err), p.close())
	}
	return p, nil
}

// apply puts into the configuration what lies in the data folder.
func (p *place) apply(ctx context.Context, config *simulator.Config, kind string) (err error) {
	if config.Apart != nil { // its keys are those that were made for the whole world
		defer func(given authority.KeySource) { config.Keys = given }(config.Keys)
	}
	if kind == stepped {
		config.Clock, err = p.data.Stepped(time.Now())
	} else {
		config.Clock, err = p.data.Real()
	}
	if err != nil {
		return err
	}
	return p.data.Apply(ctx, config)
}

// file is where something lies that is for clients and for collaudo verify.
func (p *place) file(name string) string {
	if p.data != nil {
		return filepath.Join(p.data.Path(), name)
	}
	return filepath.Join(p.temporary, name)
}

// authorityFile is where clients find the CA.
func (p *place) authorityFile() string { return p.file("ca.pem") }

func (p *place) close() error {
	if p.data != nil {
		return p.data.Close()
	}
	return os.RemoveAll(p.temporary)
}
