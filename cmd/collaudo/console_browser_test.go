//go:build browser

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	browserlog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/clock"
	"github.com/collaudo/collaudo/simulator/console"
)

// The console in a real browser: make browser. Screenshots go to out/console.
const (
	screenshots = "../../out/console"
	browserWait = 90 * time.Second
)

// consoleWorld is a world whose clock can be advanced, with its console and the
// judge that simulate gives it.
func consoleWorld(t *testing.T) (*simulator.World, *console.Server) {
	t.Helper()
	c := simulator.Pair()
	c.Clock = clock.NewOffset(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
	c.Reserved = true
	w, err := simulator.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	judge, err := judgeOf(w)
	if err != nil {
		t.Fatal(err)
	}
	s, err := console.Start(console.Options{World: w.Console(), Events: w.Events(), Judge: judge})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
		if err := w.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return w, s
}

// submitTo sends a message of Anna's by SMTP.
func submitTo(t *testing.T, w *simulator.World, subject string, to ...string) {
	t.Helper()
	d, err := w.Describe()
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(d.Trust.CA))
	p := d.Providers[0]
	c, err := gosmtp.DialTLS(p.Hosts.SubmissionTLS, &tls.Config{RootCAs: roots, ServerName: "localhost", Time: w.Now, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	a := p.Accounts[0]
	if err := c.Auth(sasl.NewPlainClient("", a.User, a.Password)); err != nil {
		t.Fatal(err)
	}
	octets := fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: Fri, 20 Nov 2026 10:00:00 +0100\r\nMessage-ID: <%s@client.example>\r\n\r\nBuongiorno.\r\n",
		a.Address, strings.Join(to, ", "), subject, strings.ReplaceAll(subject, " ", "."))
	if err := c.SendMail(a.Address, to, bytes.NewReader([]byte(octets))); err != nil {
		t.Fatal(err)
	}
}

// browser is a tab of a browser without a window, for so long; what fails in its
// page fails the test.
func browser(t *testing.T, wait time.Duration, further ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.WindowSize(1280, 860), chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("lang", "en"), chromedp.Flag("disable-background-networking", true))
	ctx, cancel := context.WithTimeout(t.Context(), wait)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(options, further...)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	// What fails in the page's script, and what its policy forbids, is told.
	err := chromedp.Listen(ctx, func(e any) {
		switch e := e.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the script failed: %s", e.ExceptionDetails.Text)
		case *browserlog.EventEntryAdded:
			t.Errorf("the browser says: %s (%s)", e.Entry.Text, e.Entry.URL)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

type action = chromedp.Action[chromedp.Void]

// shot takes a picture of what the browser shows.
func shot(name string) action {
	return func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		// Amid the change to another page there is nothing to take a picture of.
		if _, err := until(`document.readyState === "complete" && document.body.clientWidth > 0`)(ctx, tab); err != nil {
			return chromedp.Void{}, err
		}
		picture, err := chromedp.FullScreenshot(100)(ctx, tab)
		for tries := 0; err != nil && tries < 20; tries++ {
			time.Sleep(50 * time.Millisecond)
			picture, err = chromedp.FullScreenshot(100)(ctx, tab)
		}
		if err == nil {
			err = os.MkdirAll(screenshots, 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(screenshots, name+".png"), picture, 0o644)
		}
		return chromedp.Void{}, err
	}
}

// script runs an expression of JavaScript.
func script(expression string) action {
	return func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Evaluate[bool]("Boolean("+expression+")")(ctx, tab)
		return chromedp.Void{}, err
	}
}

// until waits until an expression of JavaScript is true.
func until(expression string) action {
	return func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			if is, err := chromedp.Evaluate[bool]("Boolean("+expression+")")(ctx, tab); err == nil && is {
				return chromedp.Void{}, nil
			}
		}
		if picture, err := chromedp.FullScreenshot(100)(ctx, tab); err == nil {
			_ = os.WriteFile(filepath.Join(screenshots, "not-reached.png"), picture, 0o644)
		}
		return chromedp.Void{}, fmt.Errorf("never came true: %s", expression)
	}
}

func TestBrowserFollowsTheWorld(t *testing.T) {
	w, s := consoleWorld(t)
	ctx := browser(t, browserWait)
	do := func(what string, actions ...action) {
		t.Helper()
		if err := chromedp.Do(ctx, actions...); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	do("open the console", chromedp.Navigate(s.URL()), until(`document.querySelector("[data-status]").textContent === "live"`),
		script(`window.neverReloaded = true`), shot("empty"))

	submitTo(t, w, "Senza ricaricare", "bruno@borea.example")
	do("the message appears without reload",
		until(`document.querySelectorAll("[data-step]").length === 7 && document.querySelector(".stage h1").textContent.includes("Senza ricaricare") && window.neverReloaded`),
		chromedp.Sleep(1500*time.Millisecond), shot("flow"))

	submitTo(t, w, "Due notizie", "bruno@borea.example", "elena@posta.example", "sconosciuto@borea.example")
	do("the next one too", until(`document.querySelector(".stage h1").textContent.includes("Due notizie") && document.querySelector(".stage .chip.partly") && window.neverReloaded`),
		chromedp.Sleep(1500*time.Millisecond), shot("flow-many"))

	do("choose the first one by its place in the list", script(`[...document.querySelectorAll(".rows a")].find(a => a.textContent.includes("Senza ricaricare")).click() || true`), until(`document.querySelector(".stage h1").textContent.includes("Senza ricaricare")`))
	do("its envelope opens", script(`[...document.querySelectorAll(".sequence a")].find(a => a.textContent.includes("Transport envelope")).dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}))`),
		until(`document.querySelector(".kindline .kind")?.textContent === "Transport envelope"`),
		until(`document.querySelector("#signature.good .verdict")?.textContent === "Valid"`),
		until(`document.querySelector("#judgement.good .verdict")?.textContent === "Conformant"`),
		shot("envelope"))
	do("the original opens", script(`[...document.querySelectorAll(".links a")].find(a => a.textContent.includes("Open the original")).click() || true`),
		until(`document.querySelector("h1").textContent === "Senza ricaricare"`), shot("original"))

	advanceByClick(t, do, w, s)
	for name, path := range map[string]string{"mailbox": "mailboxes/anna@aurora.example", "log": "log", "transcripts": "transcripts", "transcript": "transcripts/1", "faults": "faults", "accounts": "accounts"} {
		do(name, chromedp.Navigate(s.URL()+path), until(`document.querySelector("main")`), shot(name))
	}
	do("in Italian and in the dark", dark,
		chromedp.Navigate(s.URL()+"?lang=it"), until(`document.documentElement.lang === "it" && document.querySelector("nav").textContent.includes("Caselle")`),
		chromedp.Sleep(300*time.Millisecond), shot("flow-dark-it"))
}

// dark has the browser prefer dark pages.
func dark(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
	_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
	})
	return chromedp.Void{}, err
}

// advanceByClick has a notice of delay come by a click on the clock.
func advanceByClick(t *testing.T, do func(string, ...action), w *simulator.World, s *console.Server) {
	t.Helper()
	submitTo(t, w, "In ritardo", "ritardo-12h@borea.example")
	before := w.Now()
	do("the clock is advanced by click", chromedp.Navigate(s.URL()), until(`document.querySelector("[data-status]").textContent === "live" && document.querySelector(".stage h1").textContent.includes("In ritardo")`),
		script(`window.neverReloaded = true`),
		chromedp.Click(chromedp.CSS(`.clock button[value="12h"]`)),
		until(`document.querySelector("[data-notice]").textContent.includes("was advanced") && window.neverReloaded`),
		until(`document.querySelector(".sequence").textContent.includes("Notice of delay") && document.querySelector(".sequence .divider")`),
		chromedp.Sleep(1500*time.Millisecond), shot("advanced"))
	if moved := w.Now().Sub(before); moved < 12*time.Hour || moved > 13*time.Hour {
		t.Errorf("the click moved the clock by %v", moved)
	}
}
