package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"time"
)

// completions are the scripts by which shells complete the words of the program,
// under the names by which each shell looks for them.
func completions() map[string]string {
	return map[string]string{"bash": "collaudo.bash", "zsh": "_collaudo", "fish": "collaudo.fish", "powershell": "collaudo.ps1"}
}

// writeExtras writes the manual pages and the completions into a folder: the
// program itself makes them, built for this machine. They are the same for every
// platform.
func writeExtras(ctx context.Context, root, dir string, s *stamp) ([]entry, error) {
	binary := filepath.Join(dir, "collaudo")
	if err := compile(ctx, root, binary, s); err != nil {
		return nil, err
	}
	pages, scripts := filepath.Join(dir, "man1"), filepath.Join(dir, "completions")
	if err := os.Mkdir(scripts, 0o755); err != nil {
		return nil, err
	}
	if _, err := ask(ctx, binary, "man", pages, "--date", s.at.Format(time.DateOnly)); err != nil {
		return nil, err
	}
	for shell, name := range completions() {
		script, err := ask(ctx, binary, "completion", shell)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(scripts, name), script, 0o644); err != nil {
			return nil, err
		}
	}
	entries, err := under(pages, "man/man1")
	if err != nil {
		return nil, err
	}
	more, err := under(scripts, "completions")
	return append(entries, more...), err
}

// ask runs the program and returns what it prints.
func ask(ctx context.Context, binary string, arguments ...string) ([]byte, error) {
	answer, err := exec.CommandContext(ctx, binary, arguments...).Output()
	if err != nil {
		var exited *exec.ExitError
		if errors.As(err, &exited) {
			err = fmt.Errorf("%w: %s", err, exited.Stderr)
		}
		return nil, fmt.Errorf("collaudo %v: %w", arguments, err)
	}
	return answer, nil
}

// under are the files of a folder, in order, as they are called in an archive.
func under(dir, name string) ([]entry, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var entries []entry
	for _, file := range files {
		entries = append(entries, entry{filepath.Join(dir, file.Name()), path.Join(name, file.Name()), fs.FileMode(0o644)})
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("there is nothing in %s: expected the files for the archive", dir)
	}
	return entries, nil
}
