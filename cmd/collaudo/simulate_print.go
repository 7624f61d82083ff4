package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/collaudo/collaudo/simulator"
)

// worldWords are what simulate prints, in one language.
type worldWords struct {
	language                                                                         string
	title, warning, private, ordinary, address, password, ending, endingMemory, stop string
	submission, submissionSTARTTLS, incoming                                         string
	ca, control, console, directory, data, recipients, started                       string
}

var languages = map[string]worldWords{
	"en": {
		language: "en",
		title:    "Collaudo: a simulated world of certified e-mail (PEC) is up",
		warning:  "A simulator: on this machine only, sends nothing outside, and what it signs proves nothing.",
		private:  "A simulator: part of a world of several hosts, on private networks only (no address outside is spoken with, either way), and what it signs proves nothing.",
		ordinary: "ordinary mail", address: "address (also the user name)", password: "password",
		submission: "submission (TLS)", submissionSTARTTLS: "submission (STARTTLS)", incoming: "from other hosts",
		ca: "CA file", control: "control API", console: "console", directory: "directory", data: "data",
		recipients: "Recipients with a meaning of their own (virus@borea.example and others): collaudo simulate recipients",
		started:    "Up in %.2f s.", stop: "Ctrl-C ends it.", ending: "Ending; what was answered with 250 is kept in %s.", endingMemory: "Ending; this world was in memory and goes with it.",
	},
	"it": {
		language: "it",
		title:    "Collaudo: un mondo simulato di posta elettronica certificata (PEC) è attivo",
		warning:  "È un simulatore: solo su questa macchina, non spedisce nulla all'esterno, e ciò che firma non prova nulla.",
		private:  "È un simulatore: parte di un mondo di più host, solo su reti private (non parla con alcun indirizzo esterno, né in entrata né in uscita), e ciò che firma non prova nulla.",
		ordinary: "posta ordinaria", address: "indirizzo (anche nome utente)", password: "password",
		submission: "invio (TLS)", submissionSTARTTLS: "invio (STARTTLS)", incoming: "da altri server",
		ca: "file della CA", control: "API di controllo", console: "console", directory: "indice", data: "dati",
		recipients: "Destinatari speciali (virus@borea.example e altri): collaudo simulate recipients --lang it",
		started:    "Attivo in %.2f s.", stop: "Ctrl-C lo termina.", ending: "Chiusura; ciò che ha avuto 250 resta in %s.", endingMemory: "Chiusura; questo mondo era in memoria e sparisce con essa.",
	},
}

// print writes the table of what can be used and how.
func (w worldWords) print(out io.Writer, r readiness) error {
	t := tabwriter.NewWriter(out, 2, 0, 2, ' ', 0)
	line := func(format string, arguments ...any) { fmt.Fprintf(t, format+"\n", arguments...) }
	line("%s", w.title)
	line("%s", w.warning)
	host := func(name string, h simulator.Hosts, accounts []simulator.Account) {
		line("\n%s", name)
		for _, service := range w.services(h) {
			line("  %s\t%s", service[0], service[1])
		}
		line("\n  %s\t%s", w.address, w.password)
		for _, a := range accounts {
			line("  %s\t%s", a.Address, a.Password)
		}
	}
	for _, p := range r.Providers {
		host(p.Name, p.Hosts, p.Accounts)
	}
	if o := r.Ordinary; o != nil {
		host(o.Domain+" ("+w.ordinary+")", o.Hosts, o.Accounts)
	}
	line("")
	for _, row := range [][2]string{
		{w.ca, r.CAFile},
		{w.directory, r.Directory.LDAP + "/" + r.Directory.Base + "  " + r.Directory.LDAPS},
		{w.control, r.ControlURL},
		{w.console, r.ConsoleURL},
		{w.data, r.DataDir},
	} {
		if row[1] != "" {
			line("%s\t%s", row[0], row[1])
		}
	}
	line("\n%s", w.recipients)
	line("\n"+w.started+" "+w.stop, r.StartedIn)
	return t.Flush()
}

// services are the services of a host that a client may use.
func (w worldWords) services(h simulator.Hosts) [][2]string {
	var all [][2]string
	for _, s := range [][2]string{
		{w.submission, h.SubmissionTLS},
		{w.submissionSTARTTLS, h.SubmissionSTARTTLS},
		{"IMAP (TLS)", h.IMAP},
		{"IMAP (STARTTLS)", h.IMAPSTARTTLS},
		{"POP3 (TLS)", h.POP3TLS},
		{"POP3 (STARTTLS)", h.POP3STARTTLS},
		{w.incoming, h.Incoming},
	} {
		if s[1] != "" {
			all = append(all, s)
		}
	}
	return all
}
