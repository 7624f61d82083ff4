package rules

import (
	"sync"
	"time"
	_ "time/tzdata" // legal time must not depend on the machine
)

// legalZone is Italian legal time, looked up here and not in the grammar: a
// judge that borrowed it could only ever agree with whoever borrowed it too.
var legalZone = sync.OnceValue(func() *time.Location {
	location, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic("rules: the time zone data that are compiled in lack Europe/Rome: " + err.Error())
	}
	return location
})

// legalTime writes an instant in Italian legal time, for a person.
func legalTime(at time.Time) string { return at.In(legalZone()).Format("02/01/2006 15:04:05 (-0700)") }
