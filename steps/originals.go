package steps

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strings"
)

// original says how a kind of message that scenarios name comes about.
type original struct {
	template string
	virus    string // name of what is planted; "" for none
	known    bool   // planted is the pattern that only the recipient's provider knows
	size     func(t *Target, recipients int) (int64, error)
}

const subjectIs = "a message whose subject is "

// originals lists, by the words of the scenarios, every message that a user
// can be told to write. One more kind is `a message whose subject is …`.
func originals() map[string]original {
	return map[string]original{
		"a plain message": {template: "plain"},

		"a message without From":                                  {template: "without-from"},
		"a message with a malformed From":                         {template: "malformed-from"},
		"a message with an empty From":                            {template: "empty-from"},
		"a message whose From is a group":                         {template: "group-from"},
		"a message with two mailboxes in From":                    {template: "two-from-mailboxes"},
		"a message whose From is somebody else":                   {template: "from-someone-else"},
		"a message whose From has its domain in capitals":         {template: "from-in-capitals"},
		"a message without To":                                    {template: "without-to"},
		"a message with a malformed To":                           {template: "malformed-to"},
		"a message whose To is an empty group":                    {template: "empty-group-to"},
		"a message with Dario in Bcc":                             {template: "bcc-dario"},
		"a message with an empty Bcc":                             {template: "empty-bcc"},
		"a message with two From fields":                          {template: "two-from-fields"},
		"a message with two To fields":                            {template: "two-to-fields"},
		"a message with two Subject fields":                       {template: "two-subjects"},
		"a message with two Message-ID fields":                    {template: "two-message-ids"},
		"a message without Date":                                  {template: "without-date"},
		"a message with a header line without colon":              {template: "line-without-colon"},
		"a message with a bare CR":                                {template: "bare-cr"},
		"a message with a line over 998 octets":                   {template: "overlong-line"},
		"a message with neither From nor Message-ID":              {template: "without-from-and-message-id"},
		"a message with folded, grouped and commented recipients": {template: "folded-recipients"},

		"a message of 30 MB":                                      {template: "sized", size: fixed(30_000_000)},
		"a message of 0.6 MB":                                     {template: "sized", size: fixed(600_000)},
		"a message just above the size limit":                     {template: "sized", size: justAbove},
		"a message far above the size limit":                      {template: "sized", size: farAbove},
		"a message with a virus attached":                         {template: "virus-attached", virus: "EICAR"},
		"a message with a virus in a zip archive":                 {template: "virus-zipped", virus: "EICAR"},
		"a message with a virus in its text":                      {template: "virus-in-text", virus: "EICAR"},
		"a message with a virus inside an attached message":       {template: "virus-in-attached-message", virus: "EICAR"},
		"a message with a virus deep inside attached messages":    {template: "virus-deep-inside", virus: "EICAR"},
		"a message with a virus that only Bruno's provider knows": {template: "virus-known-to-one", known: true},

		"a message with encoded display names":                       {template: "encoded-names"},
		"a message with a display name in Reply-To":                  {template: "reply-to-with-name"},
		"a message that has passed through other hosts":              {template: "relayed"},
		"a message without Message-ID":                               {template: "without-message-id"},
		"a message with forged certified-mail headers":               {template: "forged-headers"},
		"a message that asks for an unknown kind of receipt":         {template: "receipt-type-unknown"},
		"a message that asks for two kinds of receipt":               {template: "receipt-type-repeated"},
		"a message that asks for a brief receipt in capitals":        {template: "receipt-type-capitals"},
		"a message with odd folding, 8-bit text and trailing blanks": {template: "odd-octets"},
		"a message with lines that begin with a dot":                 {template: "dot-lines"},
		"a message that its author signed":                           {template: "signed"},
		"a message that its author signed in opaque form":            {template: "signed-opaque"},
		"a message that encloses a certified message":                {template: "encloses-certified-message"},
		"a forged transport envelope":                                {template: "forged-envelope"},

		"an HTML message with attachments":                               {template: "html-with-attachments"},
		"a message with an attachment named in Content-Type only":        {template: "attachment-content-type-name"},
		"a message with an attachment named in Content-Disposition only": {template: "attachment-disposition-name"},
		"a message with an attachment named in both fields":              {template: "attachment-both-names"},
		"a message with a second part that has no name":                  {template: "attachment-without-name"},
		"a message with attachments in nested multiparts":                {template: "attachments-nested"},
		"a message with inline images":                                   {template: "attachments-inline-images"},
		"a message with two attachments of the same name":                {template: "attachments-same-name"},
		"a message with a named message attached":                        {template: "attached-message-named"},
		"a message with an unnamed message attached":                     {template: "attached-message-unnamed"},
		"a message with a p7m file attached":                             {template: "attachment-p7m"},
		"a message with an attachment name in RFC 2231 form":             {template: "attachment-rfc2231-name"},
		"a message with an attachment name in encoded words":             {template: "attachment-rfc2047-name"},
		"a message with odd attachment names":                            {template: "attachments-odd-names"},
		"a message with a quoted-printable attachment":                   {template: "attachment-quoted-printable"},
		"a message with an 8-bit attachment":                             {template: "attachment-8bit"},
		"a message with a base64 attachment in short lines":              {template: "attachment-odd-base64"},
	}
}

// Originals lists the words by which scenarios name messages, sorted.
func Originals() []string {
	var words []string
	for w := range originals() {
		words = append(words, w)
	}
	for w := range subjects("") {
		words = append(words, subjectIs+w)
	}
	slices.Sort(words)
	return words
}

// describe finds an original by its words; words are those of a subject when
// the message is told by it.
func describe(words string) (o original, subjectWords string, err error) {
	if s, is := strings.CutPrefix(words, subjectIs); is {
		if _, err := subject(s, ""); err != nil {
			return original{}, "", err
		}
		return original{template: "plain"}, s, nil
	}
	o, known := originals()[words]
	if !known {
		return original{}, "", fmt.Errorf("no original is known as %q; `steps.Originals` lists them", words)
	}
	return o, "", nil
}

func fixed(octets int64) func(*Target, int) (int64, error) {
	return func(*Target, int) (int64, error) { return octets, nil }
}

// justAbove is a size that, times the recipients, is above what the target
// still accepts and below where it stops sending notices.
func justAbove(t *Target, recipients int) (int64, error) {
	limit := t.Limits.MaxTotalBytes
	if limit <= 0 {
		return 0, fmt.Errorf("the target states no size limit: give limits.maxTotalBytes, or leave the scenario out")
	}
	size := limit/int64(recipients) + 1024
	if notice := t.Limits.NoticeBytes; notice > 0 && size*int64(recipients) > notice {
		return 0, fmt.Errorf("limits.noticeBytes (%d) leaves no room above limits.maxTotalBytes (%d)", notice, limit)
	}
	return size, nil
}

// farAbove is a size for which no notice is due any more.
func farAbove(t *Target, _ int) (int64, error) {
	threshold := max(t.Limits.MaxTotalBytes, t.Limits.NoticeBytes)
	if threshold <= 0 {
		return 0, fmt.Errorf("the target states no size limit: give limits.maxTotalBytes, or leave the scenario out")
	}
	if threshold > math.MaxInt32/2 {
		return 0, fmt.Errorf("the target's limit of %d octets is too large to exceed in a test", threshold)
	}
	return threshold + 1<<20, nil
}

// needles are texts by which octets that carry a planted virus are known, so
// that evidence keeps them encoded and scanners leave the run folder alone.
func needles(planted []byte) [][]byte {
	if len(planted) == 0 {
		return nil
	}
	encoded := base64.StdEncoding.EncodeToString(planted)
	return [][]byte{planted, []byte(encoded[:min(len(encoded), 60)])}
}

func containsAny(octets []byte, needles [][]byte) bool {
	return slices.ContainsFunc(needles, func(n []byte) bool { return len(n) > 0 && bytes.Contains(octets, n) })
}
