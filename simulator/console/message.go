package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/collaudo/collaudo/pec"
)

// Limits of what a page shows of a message, in octets.
const (
	maxText   = 64 << 10
	maxSource = 128 << 10
	judgeFor  = 30 * time.Second // in real time
)

type messageBody struct {
	SHA256    string
	Of        string // the part that encloses it; empty for the message itself
	Size      int64
	Message   *pec.Message
	Kind      string
	From      string
	To        string
	Cc        string
	Subject   string
	Date      string
	MessageID string
	Held      []placed // where it lies
	Exchange  string
	Text      string
	TextCut   bool
	Signature *signatureView
	Data      *certificationView
	Parts     []partView
	PartsCut  bool
	Findings  []string
	Source    []sourceLine
	SourceCut bool
	Judged    *judgedView
	Original  string // the part that holds the original
}

// sourceLine is a line of the source; of a header field the name stands apart.
type sourceLine struct {
	Name, Rest string
}

// judgedView is what the judge said, the worst first.
type judgedView struct {
	Judgement
	Bad, Seen, Good []Check
	Class           string
	Error           string
}

// octets finds a message, or the one that a part of it encloses.
func (s *site) octets(r *http.Request) (whole []byte, sha, of string, err error) {
	sha = strings.ToLower(r.PathValue("sha256"))
	if len(sha) != 64 || strings.Trim(sha, "0123456789abcdef") != "" {
		return nil, "", "", fmt.Errorf("%w: %q is no SHA-256 in hexadecimal", ErrNotFound, clip(sha, 80))
	}
	if whole, err = s.world.Message(sha); err != nil {
		return nil, "", "", err
	}
	of = r.URL.Query().Get("of")
	if of == "" {
		return whole, sha, "", nil
	}
	e, err := partOf(whole, of)
	if err != nil {
		return nil, "", "", err
	}
	if e.Enclosed == nil || len(e.Enclosed.Raw()) == 0 {
		return nil, "", "", fmt.Errorf("%w: part %s encloses no message", ErrNotFound, clip(of, 80))
	}
	return e.Enclosed.Raw(), sha, of, nil
}

func (s *site) message(rw http.ResponseWriter, r *http.Request) {
	whole, sha, of, err := s.octets(r)
	if err != nil {
		s.problem(rw, r, err)
		return
	}
	m, err := pec.Read(whole)
	if err != nil {
		s.problem(rw, r, fmt.Errorf("%w: %w", ErrNotFound, err))
		return
	}
	say := s.speaker(r)
	b := messageBody{
		SHA256: sha, Of: of, Size: int64(len(whole)), Message: m, Kind: m.Kind.String(),
		From: decoded(m.Root, "From"), To: decoded(m.Root, "To"), Cc: decoded(m.Root, "Cc"), Subject: decoded(m.Root, "Subject"),
		Date: clip(m.Root.Value("Date"), maxField), MessageID: clip(m.Root.Value("Message-ID"), maxField),
		Signature: readSignature(m), Data: readCertification(say, m),
	}
	b.Parts, b.PartsCut = partsOf(m, of)
	if len(m.OriginalParts) > 0 && m.Original != nil {
		b.Original = pathOf(m.OriginalParts[0], of)
	}
	b.Text, b.TextCut = textOf(m)
	b.Source, b.SourceCut = sourceOf(whole, m.Root.BodyStart)
	for _, f := range slices.Concat(m.Findings, m.Root.Findings) {
		if len(b.Findings) < maxListed {
			b.Findings = append(b.Findings, f.Detail)
		}
	}
	if of == "" {
		s.place(&b)
		b.Judged = s.judged(r.Context(), whole)
	}
	title := b.Subject
	if title == "" {
		title = say.Say("message.untitled")
	}
	s.show(rw, r, http.StatusOK, "message", page{Title: title, Section: "mailboxes", Body: b})
}

// place finds where the message lies, and what it belongs to.
func (s *site) place(b *messageBody) {
	look, err := s.observer.look()
	if err != nil {
		return // then the page says less
	}
	for _, m := range look.messages {
		if m.SHA256 == b.SHA256 {
			b.Held = append(b.Held, m)
		}
	}
	for _, e := range look.exchanges {
		for _, l := range e.lines {
			if b.MessageID != "" && slices.Contains(l.Related, b.MessageID) {
				b.Exchange = e.Key
				return
			}
		}
	}
}

// judged asks the judge, when there is one.
func (s *site) judged(ctx context.Context, octets []byte) *judgedView {
	if s.judge == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, judgeFor)
	defer cancel()
	j, err := s.judge(ctx, octets)
	if err != nil {
		return &judgedView{Error: err.Error(), Class: "doubt"}
	}
	v := &judgedView{Judgement: j, Class: "good"}
	for _, c := range j.Checks {
		switch c.Verdict {
		case "pass":
			v.Good = append(v.Good, c)
		case "observed":
			v.Seen = append(v.Seen, c)
		default:
			v.Bad = append(v.Bad, c)
		}
	}
	slices.SortStableFunc(v.Bad, func(x, y Check) int { return severity(x.Verdict) - severity(y.Verdict) })
	if len(v.Bad) > 0 {
		v.Class = classOf(v.Bad[0].Verdict)
	}
	return v
}

// severity orders verdicts, the worst first.
func severity(verdict string) int {
	at := slices.Index([]string{"error", "fail", "inconclusive", "warn"}, verdict)
	if at < 0 {
		return 9
	}
	return at
}

// classOf is how a verdict is coloured.
func classOf(verdict string) string {
	switch verdict {
	case "error", "fail":
		return "bad"
	case "warn":
		return "warned"
	case "inconclusive":
		return "doubt"
	}
	return "good"
}

// Class is how the check is coloured.
func (c Check) Class() string { return classOf(c.Verdict) }

// textOf is the text that a reader of mail would show: never HTML.
func textOf(m *pec.Message) (string, bool) {
	e := m.PlainText
	if e == nil && m.Content == nil {
		if kind, _ := m.Root.MediaType(); kind == "text/plain" {
			e = m.Root
		}
	}
	if e == nil {
		return "", false
	}
	text, _ := e.Text() // with an error it is the best text that could be made
	cut := clip(text, maxText)
	return strings.TrimSpace(strings.ReplaceAll(cut, "\r\n", "\n")), cut != text
}

// sourceOf is the source as text, octets that are none shown as U+FFFD.
func sourceOf(whole []byte, bodyStart int) ([]sourceLine, bool) {
	shown := whole[:min(len(whole), maxSource)]
	text := strings.ToValidUTF8(string(shown), "\uFFFD")
	var lines []sourceLine
	at := 0
	for _, l := range strings.SplitAfter(text, "\n") {
		inHeader := at < bodyStart
		at += len(l)
		l = strings.TrimRight(l, "\r\n")
		name, rest, field := strings.Cut(l, ":")
		if inHeader && field && name != "" && !strings.ContainsAny(name, " \t") {
			lines = append(lines, sourceLine{Name: name + ":", Rest: rest})
			continue
		}
		lines = append(lines, sourceLine{Rest: l})
	}
	return lines, len(shown) < len(whole)
}
