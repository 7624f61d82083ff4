package pec

import (
	"sync"
	"time"
	_ "time/tzdata" // legal time must not depend on the machine
)

var zone = sync.OnceValue(func() *time.Location {
	location, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic("pec: the time zone data that are compiled in lack Europe/Rome: " + err.Error())
	}
	return location
})

// Zone returns Italian legal time, from the time zone data in the binary
// unless the machine has its own.
func Zone() *time.Location { return zone() }
