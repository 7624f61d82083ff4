package pop3

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/collaudo/collaudo/pec/rawmime"
	"github.com/collaudo/collaudo/simulator/history"
	"github.com/collaudo/collaudo/simulator/store"
)

// held counts the messages that are not marked, and their octets.
func (x *session) held() (count int, bytes int64) {
	for i, m := range x.messages {
		if !x.deleted[i] {
			count++
			bytes += m.Size
		}
	}
	return count, bytes
}

func (x *session) stat(string) error {
	count, bytes := x.held()
	return x.ok(fmt.Sprintf("%d %d", count, bytes))
}

// find returns the index of a message by its number. When it is not ok the
// answer has been given.
func (x *session) find(argument string) (index int, ok bool, err error) {
	n, err := strconv.Atoi(argument)
	switch {
	case err != nil || n < 1:
		return 0, false, x.senseless("want the number of a message")
	case n > len(x.messages):
		return 0, false, x.fail("", fmt.Sprintf("no such message: there are %d", len(x.messages)))
	case x.deleted[n-1]:
		return 0, false, x.fail("", fmt.Sprintf("message %d is deleted", n))
	}
	return n - 1, true, nil
}

// each answers LIST and UIDL, which take a number or none.
func (x *session) each(argument string, show func(i int) string) error {
	if argument != "" {
		i, ok, err := x.find(argument)
		if !ok {
			return err
		}
		return x.ok(fmt.Sprintf("%d %s", i+1, show(i)))
	}
	var list []string
	for i := range x.messages {
		if !x.deleted[i] {
			list = append(list, fmt.Sprintf("%d %s", i+1, show(i)))
		}
	}
	count, bytes := x.held()
	return x.lines(fmt.Sprintf("%d messages (%d octets)", count, bytes), list)
}

func (x *session) list(argument string) error {
	return x.each(argument, func(i int) string { return strconv.FormatInt(x.messages[i].Size, 10) })
}

// uidl names messages for good: the store never gives a number of a folder twice
// under the same validity.
func (x *session) uidl(argument string) error {
	return x.each(argument, func(i int) string { return fmt.Sprintf("%d.%d", x.validity, x.messages[i].UID) })
}

// octets reads a message. When it is not ok the answer has been given.
func (x *session) octets(i int) (octets []byte, ok bool, err error) {
	octets, err = x.o.Bodies.Octets(x.messages[i].Body)
	switch {
	case errors.Is(err, store.ErrNoBody):
		return nil, false, x.fail("", fmt.Sprintf("message %d was removed from elsewhere", i+1))
	case err != nil:
		return nil, false, x.fail("SYS/TEMP", err.Error())
	}
	return octets, true, nil
}

func (x *session) retrieve(argument string) error {
	i, ok, err := x.find(argument)
	if !ok {
		return err
	}
	octets, ok, err := x.octets(i)
	if !ok {
		return err
	}
	if err := x.ok(fmt.Sprintf("%d octets", len(octets))); err != nil {
		return err
	}
	x.history.Message(history.Server, x.messages[i].Body, x.messages[i].Size)
	return x.text(octets)
}

// top answers TOP: the header and so many lines of the body.
func (x *session) top(argument string) error {
	number, count, _ := strings.Cut(argument, " ")
	most, err := strconv.Atoi(strings.TrimSpace(count))
	if err != nil || most < 0 {
		return x.senseless("TOP wants the number of a message and a number of lines")
	}
	i, ok, err := x.find(number)
	if !ok {
		return err
	}
	octets, ok, err := x.octets(i)
	if !ok {
		return err
	}
	end := len(octets)
	if entity, err := rawmime.Parse(octets, rawmime.Limits{Parts: 1}); err == nil {
		end = entity.BodyStart
	}
	for ; most > 0 && end < len(octets); most-- {
		next := bytes.IndexByte(octets[end:], '\n')
		if next < 0 {
			end = len(octets)
			break
		}
		end += next + 1
	}
	if err := x.ok("top of message follows"); err != nil {
		return err
	}
	x.history.Line(history.Server, fmt.Sprintf("[the first %d octets of message %s]", end, x.messages[i].Body))
	return x.text(octets[:end])
}

// text sends octets and the final dot.
func (x *session) text(octets []byte) error {
	sent, err := stuff(x.writer, octets)
	x.history.Count(0, sent)
	return err
}

// stuff writes octets with a dot more before each dot that begins a line, and
// the final dot (RFC 1939 3). What does not end with a line end gets one: POP3
// cannot do otherwise.
func stuff(w *bufio.Writer, octets []byte) (sent int, err error) {
	put := func(b []byte) {
		if err == nil {
			var n int
			n, err = w.Write(b)
			sent += n
		}
	}
	if bytes.HasPrefix(octets, []byte(".")) {
		put([]byte("."))
	}
	complete := len(octets) == 0 || bytes.HasSuffix(octets, []byte("\r\n"))
	for {
		i := bytes.Index(octets, []byte("\r\n."))
		if i < 0 {
			break
		}
		put(octets[:i+3])
		put([]byte("."))
		octets = octets[i+3:]
	}
	put(octets)
	if !complete {
		put([]byte("\r\n"))
	}
	put([]byte(".\r\n"))
	return sent, err
}

func (x *session) remove(argument string) error {
	i, ok, err := x.find(argument)
	if !ok {
		return err
	}
	x.deleted[i] = true
	return x.ok(fmt.Sprintf("message %d is marked, and will be deleted at QUIT", i+1))
}

func (x *session) reset(string) error {
	clear(x.deleted)
	count, bytes := x.held()
	return x.ok(fmt.Sprintf("%d messages (%d octets)", count, bytes))
}

func (x *session) noop(string) error { return x.ok("nothing done") }
