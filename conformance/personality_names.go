package conformance

import "github.com/collaudo/collaudo/simulator/faults"

// Personalities lists the personalities of the simulated providers.
func Personalities() []string {
	var names []string
	for _, p := range faults.Personalities() {
		names = append(names, p.ID)
	}
	return names
}

// personalityTitle says what is unusual about a personality; "" where there is
// none of that name.
func personalityTitle(name string) string {
	p, err := faults.PersonalityOf(name)
	if err != nil {
		return ""
	}
	return p.Title
}

// manners are what is switched on in the simulated providers: the personality,
// and the faults on top of it.
func (o Options) manners() []string {
	if o.Personality == "" {
		return o.Faults
	}
	return append([]string{faults.PersonalityPrefix + o.Personality}, o.Faults...)
}
