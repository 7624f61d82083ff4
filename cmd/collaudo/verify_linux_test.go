package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Whatever the file is, verify answers soon and in bounded memory. The files
// are written piece by piece: what this process holds counts for its children.
func TestVerifyBounds(t *testing.T) {
	t.Parallel()
	const mega = 1 << 20
	const header = "From: posta-certificata@gestore.aurora.example\r\nX-Ricevuta: accettazione\r\nContent-Type: multipart/signed; boundary=x\r\n\r\n"
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		begin string
		fill  io.Reader
		size  int64
		code  int
		says  string
	}{
		{name: "noise", fill: rand.NewChaCha8([32]byte{1}), size: 40 * mega, code: 2, says: "not a message"},
		{name: "noise in letters", fill: lines("some words of noise and no more"), size: 40 * mega, code: 2, says: "not a message"},
		{name: "noise under a header", begin: header, fill: lines("some words of noise and no more"), size: 40 * mega, code: 1, says: "PEC-GEN-001"},
		{name: "an endless header", fill: lines("From: x"), size: 8 * mega, code: 1, says: "in its header"},
		{name: "nothing but boundaries", begin: header, fill: lines("--x"), size: 8 * mega, code: 1, says: "PEC-GEN-001"},
		{name: "strange boundaries", begin: header, fill: lines("--y"), size: 8 * mega, code: 1, says: "PEC-GEN-001"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "large.eml")
			fill(t, file, test.begin, test.fill, test.size)
			command := exec.CommandContext(t.Context(), path, "verify", file)
			var said bytes.Buffer
			command.Stdout, command.Stderr = &said, &said
			start := time.Now()
			var exited *exec.ExitError
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			peak := make(chan int)
			go func() { peak <- watchPeak(command.Process.Pid) }()
			if err := command.Wait(); err != nil && !errors.As(err, &exited) {
				t.Fatal(err)
			}
			took := time.Since(start)
			if code := command.ProcessState.ExitCode(); code != test.code || !strings.Contains(said.String(), test.says) {
				t.Errorf("exit code %d, expected %d and %q:\n%.2000s", code, test.code, test.says, said.String())
			}
			if peak := <-peak; peak > 150 || peak == 0 {
				t.Errorf("%d MB at its peak, expected at most 150", peak)
			}
			if took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// watchPeak returns the most memory that a process held, in MB, once it has
// ended. The usage that the system reports of an ended child would not do: it
// counts what the parent held when it forked.
func watchPeak(pid int) (peak int) {
	for {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			return peak
		}
		_, after, held := strings.Cut(string(status), "VmHWM:")
		if !held {
			return peak // it has ended and nobody waited for it yet
		}
		var kilobytes int
		if _, err := fmt.Sscan(after, &kilobytes); err == nil {
			peak = max(peak, kilobytes>>10)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// lines repeats one line for ever.
func lines(text string) io.Reader {
	return &repeated{bytes.Repeat([]byte(text+"\r\n"), 1000)}
}

type repeated struct{ lines []byte }

func (r *repeated) Read(into []byte) (int, error) { return copy(into, r.lines), nil }

func fill(t *testing.T, path, begin string, with io.Reader, size int64) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(file, io.LimitReader(io.MultiReader(strings.NewReader(begin), with), size)); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}
