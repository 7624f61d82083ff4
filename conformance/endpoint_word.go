package conformance

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
)

// lettersOfWord is how long the word of a run is: long enough that nobody's
// address has it by chance.
const lettersOfWord = 10

// giveWord gives the description the word by which addresses are nobody's. It
// comes from the seed and the target's name alone: a run that is taken up again,
// and every shard of a run, go on with the same addresses, and the question before
// the run can name them. The caller's description stays as it is.
func (o *Options) giveWord() {
	target := *o.Target
	sum := sha256.Sum256(fmt.Appendf(nil, "nobody's %d %s", o.Seed, target.Name))
	target.Word = strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:lettersOfWord]
	o.Target = &target
}
