package steps

import (
	"bytes"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// headFields are the header fields that say what a message belongs to.
func headFields() []string {
	return []string{"Subject", "Message-ID", pec.HeaderReference, "References", "In-Reply-To"}
}

// headText is what these fields say, decoded and in one letter case, so that a
// word of the harness can be looked for however a provider wrote it.
func headText(octets []byte) string {
	entity, err := rawmime.Parse(append(bytes.TrimRight(octets, "\r\n"), "\r\n\r\n"...), rawmime.Limits{})
	if err != nil {
		return strings.ToUpper(string(octets))
	}
	var text strings.Builder
	for _, name := range headFields() {
		for _, value := range entity.Values(name) {
			text.WriteString(rawmime.DecodeWords(value) + "\n")
			text.WriteString(strings.NewReplacer("\r", "", "\n", "").Replace(value) + "\n")
		}
	}
	return strings.ToUpper(text.String())
}

// belongs tells whether a message with this head text is one of the scenario: it
// bears a word of it, or refers to a message that does.
func (w *World) belongs(text string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, word := range w.words {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// addWord makes a word of the harness, or the identifier of a message that
// belongs to the scenario, one by which others are known to belong to it.
func (w *World) addWord(word string) {
	word = strings.ToUpper(strings.Trim(strings.TrimSpace(word), "<>"))
	if len(word) < shortestWord {
		return // so short that it would be found in messages of others
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, known := range w.words {
		if known == word {
			return
		}
	}
	w.words = append(w.words, word)
}

// shortestWord bounds identifiers that are looked for in the messages of a
// shared mailbox.
const shortestWord = 10

// learn remembers by which identifiers a message that belongs to the scenario
// will be spoken of, its own and what its certification data names, and what it
// says of a submission.
func (w *World) learn(mailbox string, octets []byte) {
	if w.options.Mailroom == nil && w.target.WhiteBox.given() {
		return // the scenario has the mailboxes to itself, and is told when to look
	}
	message, err := pec.Read(octets)
	if err != nil {
		w.hear(mailbox, octets, nil)
		return
	}
	w.hear(mailbox, octets, message)
	w.trace(mailbox, message)
	if w.options.Mailroom == nil {
		return
	}
	w.addWord(message.Root.Value("Message-ID"))
	if c := message.Certification; c != nil {
		w.addWord(c.Identifier)
	}
}
