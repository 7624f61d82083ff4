package rules

import (
	"bytes"
	"fmt"
	"time"

	"github.com/digitorus/timestamp"

	"github.com/collaudo/collaudo/evidence"
)

// stampedWithin is how long after the end of what it covers a file may be
// stamped: it is saved once a day, and stamped when it is saved.
const stampedWithin = 25 * time.Hour

// stampProblem looks at the RFC 3161 time stamp of a file: that it is there,
// that it is over these octets, and that its time fits. Who issued it is not
// judged: the decree leaves the authority to the provider.
func (v *View) stampProblem(file evidence.LogFile, octets []byte) *problem {
	const expected = "a time stamp (RFC 3161) over the file"
	if file.Stamp == "" {
		return &problem{expected: expected, seen: "none"}
	}
	der, err := v.Case.Blob(file.Stamp)
	if err != nil {
		return &problem{expected: expected, seen: err.Error()}
	}
	token, err := readStamp(der)
	if err != nil {
		return &problem{expected: expected, seen: "unreadable: " + err.Error()}
	}
	if !token.HashAlgorithm.Available() {
		return &problem{expected: expected, seen: "a digest that cannot be computed: " + token.HashAlgorithm.String()}
	}
	digest := token.HashAlgorithm.New()
	digest.Write(octets)
	if sum := digest.Sum(nil); !bytes.Equal(sum, token.HashedMessage) {
		return &problem{expected: fmt.Sprintf("%s, whose %s is %x", expected, token.HashAlgorithm, sum), seen: fmt.Sprintf("a stamp over %x", token.HashedMessage)}
	}
	if token.Time.Before(file.Until.Add(-clocksApart)) || token.Time.After(file.Until.Add(stampedWithin)) {
		return &problem{expected: "a stamp from when the file was saved, within a day of " + legalTime(file.Until), seen: legalTime(token.Time)}
	}
	return nil
}

// readStamp reads a token, or the whole answer of a time stamping authority.
func readStamp(der []byte) (*timestamp.Timestamp, error) {
	token, err := timestamp.Parse(der)
	if err == nil {
		return token, nil
	}
	if answer, wrapped := timestamp.ParseResponse(der); wrapped == nil {
		return answer, nil
	}
	return nil, err
}
