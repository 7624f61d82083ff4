package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/collaudo/collaudo/fixtures"
	"github.com/collaudo/collaudo/steps"
)

// twin starts simulated worlds as processes of their own, and describes them as
// real systems are described: what the harness then sees of them is what comes
// over the network.
type twin struct {
	program string // the collaudo that plays them
	ports   *ports
}

// coming bounds how long a world may take to be up, its keys included.
const coming = time.Minute

// start starts a world with faults. end ends it and forgets it.
func (t twin) start(ctx context.Context, faults []string) (target *steps.Target, end func(), err error) {
	dir, err := os.MkdirTemp("", "collaudo-twin-")
	if err != nil {
		return nil, nil, fmt.Errorf("%w: make a folder for a world: %w", ErrHarness, err)
	}
	world, err := t.simulate(ctx, dir, faults)
	end = func() { world.end(); _ = os.RemoveAll(dir) }
	if err != nil {
		end()
		return nil, nil, err
	}
	file := filepath.Join(dir, "target.yaml")
	ready := filepath.Join(dir, "ready.json")
	for _, arguments := range [][]string{
		{"simulate", "ready", "--wait", coming.String(), "--ready-file", ready},
		{"simulate", "target", "--ready-file", ready, "--out", file},
	} {
		said, err := exec.CommandContext(ctx, t.program, arguments...).CombinedOutput()
		if err != nil {
			end()
			return nil, nil, fmt.Errorf("%w: collaudo %s: %w: %s%s", ErrHarness, arguments[1], err, bytes.TrimSpace(said), world.out.Bytes())
		}
	}
	var o Options
	if err := o.ReadTarget(file); err != nil {
		end()
		return nil, nil, err
	}
	return o.Target, end, nil
}

// standingWorld is a world in a process.
type standingWorld struct {
	command *exec.Cmd
	out     *bytes.Buffer // complete once the process has ended
	ended   chan struct{}
}

func (t twin) simulate(ctx context.Context, dir string, faults []string) (*standingWorld, error) {
	w := &standingWorld{out: &bytes.Buffer{}, ended: make(chan struct{})}
	config, err := onFreePorts(fixtures.OpaqueWorld(), t.ports)
	if err != nil {
		return w, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	file := filepath.Join(dir, "world.yaml")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		return w, fmt.Errorf("%w: %w", ErrHarness, err)
	}
	arguments := []string{"simulate", "--config", file, "--ports", "free", "--ready-file", filepath.Join(dir, "ready.json")}
	for _, fault := range faults {
		arguments = append(arguments, "--fault", fault)
	}
	w.command = exec.CommandContext(ctx, t.program, arguments...)
	w.command.Cancel = func() error { return w.command.Process.Signal(os.Interrupt) }
	w.command.WaitDelay = closing
	w.command.Stdout, w.command.Stderr = w.out, w.out
	if err := w.command.Start(); err != nil {
		return w, fmt.Errorf("%w: start a simulated world: %w", ErrHarness, err)
	}
	go func() {
		_ = w.command.Wait() // how it ends is no matter: it was told to
		close(w.ended)
	}()
	return w, nil
}

// end tells the process to end, and ends it where it does not.
func (w *standingWorld) end() {
	if w.command == nil || w.command.Process == nil {
		return
	}
	_ = w.command.Process.Signal(os.Interrupt)
	select {
	case <-w.ended:
	case <-time.After(closing):
		_ = w.command.Process.Kill()
		<-w.ended
	}
}

// fixedAddress is an address of the sample world that somebody else listens on.
var fixedAddress = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// Ports for what the harness plays lie below those that a system gives away by
// itself, so that the world does not take one between its choice and its use.
const (
	firstPort = 20_000
	lastPort  = 30_000
)

// ports gives each port once, and only such as nobody listens on.
type ports struct {
	mu   sync.Mutex
	next int
}

func newPorts() *ports { return &ports{next: firstPort + os.Getpid()*31%(lastPort-firstPort)} }

func (p *ports) free() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range lastPort - firstPort {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(p.next))
		if p.next++; p.next >= lastPort {
			p.next = firstPort
		}
		if listener, err := net.Listen("tcp", address); err == nil {
			return address, listener.Close()
		}
	}
	return "", fmt.Errorf("no port between %d and %d is free on this machine", firstPort, lastPort)
}

// onFreePorts puts free ports in the place of the fixed ones, so that several
// worlds can stand side by side.
func onFreePorts(world []byte, choose *ports) ([]byte, error) {
	var errs []error
	free := map[string]string{}
	changed := fixedAddress.ReplaceAllFunc(world, func(address []byte) []byte {
		if free[string(address)] == "" {
			chosen, err := choose.free()
			if err != nil {
				errs = append(errs, err)
			}
			free[string(address)] = chosen
		}
		return []byte(free[string(address)])
	})
	return changed, errors.Join(errs...)
}
