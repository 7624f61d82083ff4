package rules

// kept is something that is worked out of a message or a transaction once and
// asked for by many judges. The judges of a case sit one after the other, so
// it needs no lock.
type kept[T any] struct {
	known bool
	value T
}

// or returns what was worked out before, or has it worked out now.
func (k *kept[T]) or(work func() T) T {
	if !k.known {
		k.value, k.known = work(), true
	}
	return k.value
}
