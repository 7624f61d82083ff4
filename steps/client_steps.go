package steps

// Names of the checks about a client.
const (
	checkClientProtected     = "client-protected"
	checkClientAuthenticated = "client-authenticated"
	checkClientWrites        = "client-writes"
	checkClientShows         = "client-shows"
	checkClientConcludes     = "client-concludes"
	checkClientFetches       = "client-fetches"
)

// clientChecks lists them.
func clientChecks() []string {
	return []string{
		checkClientProtected, checkClientAuthenticated, checkClientWrites,
		checkClientShows, checkClientConcludes, checkClientFetches,
	}
}

// clientVocabulary lists what a mail client under test is told to do, what
// befalls its mailbox, and what may be expected of it.
func (w *World) clientVocabulary() []definition {
	party, list := partyPattern(), partiesPattern()
	status := `(?:sent|accepted|late|refused|delivered|failed|ordinary)`
	return []definition{
		{
			`^the client sends (a plain message|a message in accented letters|a message with a virus|another message with the same subject) to (` + list + `)$`,
			"tells the client under test to send a message", w.clientSends,
		},
		{`^the client fetches its mail$`, "lets everything arrive, and tells the client to take what lies in its mailbox", w.clientFetches},
		{
			`^(` + clientMailsPattern() + `) lies in the client's mailbox$`,
			"puts a message into the client's mailbox, past every check of a provider", w.letLie,
		},
		{
			`^the client's mail arrives (in reverse order|once more)$`,
			"gives what lies in the client's mailbox another order, or puts it there again", w.letArrive,
		},
		{
			`^Bruno writes the client (a message in accented letters|a message that encloses a delivery receipt about its last one)$`,
			"sends a certified message to the client's mailbox", w.writeToClient,
		},

		{`^every session of the client is protected$`, "asks for TLS before anything that matters is said", w.expectClient(checkClientProtected)},
		{`^every session of the client is authenticated$`, "asks that the client signed in where it sent and where it read", w.expectClient(checkClientAuthenticated)},
		{`^what the client sent reads as it was written$`, "asks for the subject and the text that the client was told to send", w.expectClient(checkClientWrites)},
		{`^the client shows what Bruno wrote$`, "has the client show a message, and asks for its subject and text", w.expectShown},
		{`^the client fetches without trouble$`, "asks that no run of the client to fetch mail failed", w.expectClient(checkClientFetches)},
		{
			`^the client concludes (` + status + `(?: or ` + status + `)*)(?: about (` + party + `))?( of its first message)?$`,
			"asks the client what became of a message, and asks for one of these answers", w.expectConcluded,
		},
	}
}
