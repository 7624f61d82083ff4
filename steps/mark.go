package steps

// markField makes every message that the harness sends known to whoever finds
// it in a mailbox, a queue or a log: what it is, and to which test it belongs.
const markField = "X-Collaudo"

// mark is that field, with its line end. It stands first in the header, where
// it is the same for well-formed and malformed messages, and no rule speaks of
// it. An answer of a peer has no token of its own.
func mark(token string) string {
	if token == "" {
		return markField + ": test message of a conformance test of certified mail\r\n"
	}
	return markField + ": test message " + token + " of a conformance test of certified mail\r\n"
}
