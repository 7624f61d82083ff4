package steps

import (
	"fmt"
	"strings"
)

// subjects lists what a Subject field can look like: by the words that a
// scenario uses, the whole field as it goes out. An empty string stands for no
// field at all. The token ties the answers to the submission.
func subjects(token string) map[string]string {
	return map[string]string{
		"absent":                         "",
		"empty":                          "Subject:\r\n",
		"only blanks":                    "Subject:    \r\n",
		"one encoded word":               "Subject: =?UTF-8?Q?Citt=C3=A0_e_perch=C3=A9_" + token + "?=\r\n",
		"encoded words in two charsets":  "Subject: =?ISO-8859-1?Q?Perch=E9?= e =?UTF-8?B?Y2l0dMOg?= " + token + "\r\n",
		"adjacent encoded words":         "Subject: =?UTF-8?Q?Delibe?= =?UTF-8?Q?razione?=\r\n =?UTF-8?Q?_n=C2=B0_7?= " + token + "\r\n",
		"folded over three lines":        "Subject: prova " + token + " di un oggetto\r\n che continua sulla seconda riga\r\n\te finisce sulla terza\r\n",
		"longer than 998 octets, folded": "Subject: prova " + token + strings.Repeat("\r\n parole su parole, riga dopo riga, senza fretta", 24) + "\r\n",
		"characters that XML escapes":    "Subject: <b>R&D</b> ]]> &amp; \"A\" & 'B' " + token + "\r\n",
		"characters beyond the BMP":      "Subject: =?UTF-8?B?8J+TqCDwnZKzIPCfh67wn4e5?= " + token + "\r\n",
		"encoded control characters":     "Subject: =?UTF-8?Q?prima=16dopo=12fine=00?= " + token + "\r\n",
		"encoded line breaks":            "Subject: =?UTF-8?Q?prima=0D=0ABcc:_altri=40altrove.example?= " + token + "\r\n",
		"quotes and backslashes":         "Subject: \"tra virgolette\" e \\ \\\"oltre\\\" " + token + "\r\n",
		"a prefix of certified mail":     "Subject: POSTA CERTIFICATA: ACCETTAZIONE: prova " + token + "\r\n",
		"a broken encoded word":          "Subject: =?UTF-8?Q?mai_chiusa e =?NESSUNO?B?@@?= " + token + "\r\n",
		"a charset that nobody knows":    "Subject: =?x-inventato?Q?prova=E9?= " + token + "\r\n",
		"characters outside ISO-8859-1":  "Subject: =?UTF-8?B?4oKsIDEwMCDigJMg4oCcY2l0dMOg4oCdIM6xzrLOsw==?= " + token + "\r\n",
	}
}

// subject returns the Subject field for one of these words.
func subject(words, token string) (string, error) {
	field, known := subjects(token)[words]
	if !known {
		return "", fmt.Errorf("no subject is known as %q", words)
	}
	return field, nil
}

func plainSubject(token string) string { return "Subject: prova " + token + "\r\n" }
