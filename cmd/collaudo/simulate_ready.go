package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/datadir"
)

// readiness is what the ready file says: all that is needed to use the world.
// It holds passwords, of a world that proves nothing.
type readiness struct {
	simulator.Description
	ConsoleURL string  `json:"consoleURL,omitempty"`
	PID        int     `json:"pid"`
	DataDir    string  `json:"dataDir,omitempty"`
	CAFile     string  `json:"caFile"`
	StartedIn  float64 `json:"startedIn"` // seconds
}

// maxReady bounds what is read of a ready file.
const maxReady = 64 << 20

func (r readiness) write(path string) error {
	octets, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := writeWhole(path, append(octets, '\n'), 0o600); err != nil {
		return fmt.Errorf("--ready-file: %w", err)
	}
	return nil
}

// writeWhole puts a file in place at once, so that nobody reads half of it.
func writeWhole(path string, octets []byte, mode os.FileMode) error {
	half, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	_, err = half.Write(octets)
	err = errors.Join(err, half.Chmod(mode), half.Close())
	if err == nil {
		err = os.Rename(half.Name(), path)
	}
	if err != nil {
		_ = os.Remove(half.Name())
	}
	return err
}

func readReadiness(path string) (readiness, error) {
	var r readiness
	file, err := os.Open(path)
	if err != nil {
		return r, err
	}
	defer file.Close()
	if err := json.NewDecoder(io.LimitReader(file, maxReady)).Decode(&r); err != nil {
		return r, fmt.Errorf("%s is no ready file: %w", path, err)
	}
	return r, nil
}

func readyCommand() *cobra.Command {
	var wait time.Duration
	var readyFile, data, control string
	command := &cobra.Command{
		Use:   "ready",
		Short: "Tell whether a simulated world is up, or wait until it is",
		Long: "Returns 0 when the world is up and answers, 6 when it is not, or not within the time of --wait. The world is the\n" +
			"one of a ready file, of a data folder, or else the one whose control API is at --control.",
		Example: "  collaudo simulate --data world & collaudo simulate ready --wait 30s --data world",
		Args:    noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := refuseBlanks(command, "ready-file", "data", "control"); err != nil {
				return exit{conformance.ExitUsage, err}
			}
			if readyFile == "" && data != "" {
				readyFile = datadir.ReadyFile(data)
			}
			budget := wait
			if budget <= 0 {
				budget = probe
			}
			ctx, cancel := context.WithTimeout(command.Context(), budget)
			defer cancel()
			url, err := awaitReady(ctx, readyFile, control, wait > 0)
			if err != nil {
				return exit{conformance.ExitUnreachable, err}
			}
			fmt.Fprintln(command.OutOrStdout(), "ready:", url)
			return nil
		},
	}
	f := command.Flags()
	f.DurationVar(&wait, "wait", 0, "wait that long at most, such as 30s; without it the answer is about now")
	f.StringVar(&readyFile, "ready-file", "", "the --ready-file of the world")
	f.StringVar(&data, "data", "", "the --data of the world")
	f.StringVar(&control, "control", "http://"+simulator.DefaultControlAddress, "address of the control API, when neither of these is given")
	return command
}

// probe is how long one question to the control API may take, and how often it
// is asked.
const (
	probe     = 2 * time.Second
	askAgain  = 20 * time.Millisecond
	mostAsked = 250 * time.Millisecond
)

// awaitReady asks until the world answers, once when it is not to wait, and
// returns the URL of its control API.
func awaitReady(ctx context.Context, readyFile, control string, wait bool) (string, error) {
	for pause := askAgain; ; pause = min(2*pause, mostAsked) {
		url, err := control, error(nil)
		if readyFile != "" {
			var r readiness
			r, err = readReadiness(readyFile)
			url = r.ControlURL
		}
		if err == nil {
			err = askHealth(ctx, url)
		}
		if err == nil {
			return url, nil
		}
		if errors.Is(err, os.ErrNotExist) {
			err = fmt.Errorf("no world is up: there is no %s", readyFile)
		}
		if !wait {
			return "", err
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("the world did not come up in time: %w", err)
		case <-time.After(pause):
		}
	}
}

func askHealth(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, probe)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/v1/health", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("no world is up: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		return fmt.Errorf("%s answers %s, 204 was expected: something else listens there", url, answer.Status)
	}
	return nil
}
