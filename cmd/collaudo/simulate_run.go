package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/console"
)

// standing is a world that runs until it is told to end.
type standing struct {
	options simulateOptions
	words   worldWords
	place   *place
	out     io.Writer
}

// run starts the world, says how to reach it, and waits for the end of ctx.
func (s *standing) run(ctx context.Context, config simulator.Config, began time.Time) error {
	if err := s.forget(); err != nil {
		return err
	}
	s.words = s.words.about(config)
	config.PrepareKeys(ctx)
	w, err := simulator.Start(ctx, config)
	if err != nil {
		return s.explain(err)
	}
	page, err := s.openConsole(w, config) //nolint:contextcheck // it outlives the start
	if err == nil {
		err = s.announce(w, page.URL(), began)
	}
	if err == nil {
		<-ctx.Done()
		if s.place.data != nil {
			fmt.Fprintf(s.out, s.words.ending+"\n", s.place.data.Path())
		} else {
			fmt.Fprintln(s.out, s.words.endingMemory)
		}
	}
	ended, cancel := context.WithTimeout(context.WithoutCancel(ctx), ending)
	defer cancel()
	if page != nil {
		err = errors.Join(err, page.Close(ended))
	}
	return errors.Join(err, s.forget(), w.Close(ended))
}

// openConsole opens the page for people.
func (s *standing) openConsole(w *simulator.World, config simulator.Config) (*console.Server, error) {
	judge, err := judgeOf(w)
	if err != nil {
		return nil, err
	}
	address := ""
	if s.options.ports == fixedPorts {
		address = config.Beside(simulator.DefaultConsoleAddress)
	}
	page, err := console.Start(console.Options{
		Address: address, World: w.Console(), Events: w.Events(), Judge: judge, Language: s.words.language,
	})
	return page, s.explain(err)
}

// announce leaves the files behind that tell of the world, and prints the table.
func (s *standing) announce(w *simulator.World, page string, began time.Time) error {
	d, err := w.Describe()
	if err != nil {
		return err
	}
	ready := readiness{Description: d, ConsoleURL: page, PID: os.Getpid(), CAFile: s.place.authorityFile()}
	if s.place.data != nil {
		ready.DataDir = s.place.data.Path()
	}
	if s.place.data != nil {
		if err := writeKeys(s.place.data.Path(), keysOf(d)); err != nil {
			return err
		}
	}
	for name, content := range map[string]string{"ca.pem": d.Trust.CA, "crl.pem": d.Trust.CRL, "directory.ldif": d.Trust.Directory} {
		if err := writeWhole(s.place.file(name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	ready.StartedIn = time.Since(began).Seconds()
	if err := s.words.print(s.out, ready); err != nil || s.place.ready == "" {
		return err
	}
	return ready.write(s.place.ready) // last: who waits for it finds everything done
}

// forget takes the ready file of this or an earlier world away.
func (s *standing) forget() error {
	if s.place.ready == "" {
		return nil
	}
	if err := os.Remove(s.place.ready); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("--ready-file: %w", err)
	}
	return nil
}

// explain says what to do about a port that is taken.
func (s *standing) explain(err error) error {
	if errors.Is(err, syscall.EADDRINUSE) && s.options.ports == fixedPorts {
		return fmt.Errorf("%w\na port of this world is taken, perhaps by another collaudo simulate: end that one, or say --ports free", err)
	}
	return err
}
