package steps

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/collaudo/collaudo/evidence"
)

// maxSaid bounds what a client may write in one run; the rest is dropped.
const maxSaid = 1 << 20

// lastBreath is how long a client that is told to end may take to close its
// pipes.
const lastBreath = 2 * time.Second

// clientResult is how one run of a client ended.
type clientResult struct {
	asked           []string
	exit            int
	timedOut        bool
	failed          string
	output, trouble []byte
}

// fill puts values into a template.
func fill(template string, values map[string]string) string {
	return clientValue.ReplaceAllStringFunc(template, func(found string) string {
		return values[strings.TrimSuffix(strings.TrimPrefix(found, "{{"), "}}")]
	})
}

// arguments fills a command in; {{recipients}} alone becomes several.
func arguments(templates []string, values map[string]string, recipients []string) []string {
	var all []string
	for _, t := range templates {
		if t == "{{recipients}}" {
			all = append(all, recipients...)
			continue
		}
		all = append(all, fill(t, values))
	}
	return all
}

// act runs a command or posts to a URL, and waits until that is over. The error
// is trouble of the harness; whatever the client does wrong is in the result.
func (c *Client) act(ctx context.Context, browser *http.Client, action *ClientAction, values map[string]string, recipients []string) (clientResult, error) {
	limited, cancel := context.WithTimeout(ctx, action.patience())
	defer cancel()
	var result clientResult
	if action.Post != "" {
		result = post(limited, browser, fill(action.Post, values), values, recipients)
	} else {
		result = command(limited, c.Folder, values, arguments(action.Run, values, recipients))
	}
	if err := ctx.Err(); err != nil {
		return result, fmt.Errorf("the client was interrupted: %w", err)
	}
	result.timedOut = limited.Err() != nil
	for i, argument := range result.asked {
		result.asked[i] = withoutSecret(argument, values["password"])
	}
	result.failed = withoutSecret(result.failed, values["password"])
	result.output = []byte(withoutSecret(string(result.output), values["password"]))
	result.trouble = []byte(withoutSecret(string(result.trouble), values["password"]))
	return result, nil
}

func withoutSecret(text, secret string) string {
	if secret == "" {
		return text
	}
	return strings.ReplaceAll(text, secret, removed)
}

// command runs a program in the folder of the target file. Its home is the
// scenario's own folder, so that it finds nothing of the user's there.
func command(ctx context.Context, folder string, values map[string]string, argv []string) clientResult {
	result := clientResult{asked: argv}
	program := exec.CommandContext(ctx, programOf(folder, argv[0]), argv[1:]...)
	program.Dir, program.WaitDelay = folder, lastBreath
	program.Env = append(os.Environ(), "HOME="+values["dir"], "LC_ALL=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1")
	output, trouble := &bounded{}, &bounded{}
	program.Stdout, program.Stderr = output, trouble
	err := program.Run()
	result.output, result.trouble = output.Bytes(), trouble.Bytes()
	var exited *exec.ExitError
	switch {
	case err == nil:
	case errors.As(err, &exited):
		result.exit = exited.ExitCode()
	default:
		result.failed = err.Error()
	}
	return result
}

// post tells a client over HTTP what to do.
func post(ctx context.Context, browser *http.Client, address string, values map[string]string, recipients []string) clientResult {
	result := clientResult{asked: []string{"POST " + address}}
	body := map[string]any{}
	for name, value := range values {
		body[name] = value
	}
	body["recipients"] = recipients
	octets, err := json.Marshal(body)
	if err != nil {
		result.failed = err.Error()
		return result
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(octets))
	if err != nil {
		result.failed = err.Error()
		return result
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := browser.Do(request)
	if err != nil {
		result.failed = err.Error()
		return result
	}
	defer response.Body.Close()
	if result.output, err = io.ReadAll(io.LimitReader(response.Body, maxSaid)); err != nil {
		result.failed = err.Error()
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		result.exit, result.trouble = response.StatusCode, []byte(response.Status)
	}
	return result
}

// bounded keeps the beginning of what is written to it.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(octets []byte) (int, error) {
	if room := maxSaid - b.Len(); room > 0 {
		b.Buffer.Write(octets[:min(room, len(octets))])
	}
	return len(octets), nil
}

// runClient tells the client to do something, and takes into evidence what it
// said and which sessions it opened.
func (w *World) runClient(ctx context.Context, run *evidence.ClientRun, action *ClientAction, more map[string]string) (clientResult, error) {
	bench := w.options.Client
	values, err := w.clientValues()
	if err != nil {
		return clientResult{}, err
	}
	maps.Copy(values, more)
	var recipients []string
	if run.Order != nil {
		recipients = run.Order.Recipients
	}
	values["recipients"] = strings.Join(recipients, ",")
	since, err := w.historyEnd(ctx)
	if err != nil {
		return clientResult{}, err
	}
	w.clientRuns++
	run.ID, run.Account, run.Started = fmt.Sprintf("c%d", w.clientRuns), values["address"], w.now().UTC()
	began := time.Now()
	result, err := bench.Client.act(ctx, w.web, action, values, recipients)
	if err != nil {
		return result, err
	}
	run.Took, run.Ended = time.Since(began), w.now().UTC()
	run.Asked, run.Exit, run.TimedOut, run.Failed = result.asked, result.exit, result.timedOut, result.failed
	for _, said := range []struct {
		octets []byte
		into   *string
	}{{result.output, &run.Output}, {result.trouble, &run.Trouble}} {
		if len(said.octets) == 0 {
			continue
		}
		if *said.into, err = w.recorder.Keep(evidence.Transcript, said.octets, containsAny(said.octets, w.needles)); err != nil {
			return result, err
		}
	}
	if err := w.recorder.Record(evidence.Event{Type: evidence.ClientRan, ClientRun: run}); err != nil {
		return result, err
	}
	return result, w.readHistory(ctx, run.ID, since)
}
