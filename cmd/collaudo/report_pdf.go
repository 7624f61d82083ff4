package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/collaudo/collaudo/conformance"
)

// The dossier is printed by a browser that is there already: a library that
// draws PDF would be a large dependency for one file.
const (
	browserVariable = "COLLAUDO_BROWSER" // names the browser where none is found, or another is wanted
	printTime       = 60 * time.Second
	maxComplaint    = 2000 // octets of what a browser says when it fails
)

// errNoBrowser says that there is nothing to print with.
var errNoBrowser = errors.New("no browser was found to print the PDF with: install Chromium, Chrome or Edge, " +
	"or name one in " + browserVariable + ", or open dossier.html in any browser and print it there")

// printer prints pages by a browser. What is missing for it is a matter of
// usage: nothing of the run is at fault.
func printer(ctx context.Context) (func(page []byte) ([]byte, error), error) {
	browser, err := findBrowser(os.Getenv, exec.LookPath)
	if err != nil {
		return nil, exit{conformance.ExitUsage, err}
	}
	return func(page []byte) ([]byte, error) { return printPage(ctx, browser, page) }, nil
}

// findBrowser looks for a browser of the Chromium family: where the variable
// says, on the path, and where installers put it.
func findBrowser(variable func(string) string, look func(string) (string, error)) (string, error) {
	if named := variable(browserVariable); named != "" {
		path, err := look(named)
		if err != nil {
			return "", fmt.Errorf("%s names %q, which cannot be started: %w", browserVariable, named, err)
		}
		return path, nil
	}
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "microsoft-edge-stable", "msedge"}
	switch runtime.GOOS {
	case "darwin":
		names = append(names, "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge")
	case "windows":
		for _, root := range []string{"ProgramFiles", "ProgramFiles(x86)", "LocalAppData"} {
			names = append(names, filepath.Join(variable(root), "Google", "Chrome", "Application", "chrome.exe"), filepath.Join(variable(root), "Microsoft", "Edge", "Application", "msedge.exe"))
		}
	}
	for _, name := range names {
		if path, err := look(name); err == nil {
			return path, nil
		}
	}
	return "", errNoBrowser
}

// printPage prints a page that needs nothing beside it. The browser gets a
// profile of its own, which is thrown away, reaches no network, and is ended when
// its time is over.
func printPage(ctx context.Context, browser string, page []byte) (octets []byte, err error) {
	room, err := os.MkdirTemp("", "collaudo-print-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := os.RemoveAll(room); err == nil && e != nil {
			err = fmt.Errorf("the browser's profile cannot be removed: %w", e)
		}
	}()
	in, out := filepath.Join(room, "dossier.html"), filepath.Join(room, "dossier.pdf")
	if err := os.WriteFile(in, page, 0o600); err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeout(ctx, printTime)
	defer stop()
	arguments := []string{
		"--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
		"--user-data-dir=" + filepath.Join(room, "profile"), "--no-pdf-header-footer", "--print-to-pdf=" + out,
	}
	if os.Geteuid() == 0 { // as in containers: for root Chromium refuses its sandbox; the page is ours and holds no script
		arguments = append(arguments, "--no-sandbox")
	}
	command := exec.CommandContext(ctx, browser, append(arguments, fileURL(in))...)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	command.WaitDelay = 5 * time.Second // for what it has started and left behind
	failed := command.Run()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%s was ended: it had not printed the dossier after %s", browser, printTime)
	}
	octets, err = os.ReadFile(out)
	if failed != nil || err != nil || !bytes.HasPrefix(octets, []byte("%PDF-")) {
		said := complaint.String()
		if len(said) > maxComplaint {
			said = said[len(said)-maxComplaint:]
		}
		return nil, fmt.Errorf("%s printed no PDF (%w): open dossier.html in a browser and print it there. It said:\n%s", browser, errors.Join(failed, err), strings.TrimSpace(said))
	}
	return octets, nil
}

// fileURL names a file as browsers do, on every system.
func fileURL(path string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed
	}
	return (&url.URL{Scheme: "file", Path: slashed}).String()
}
