package rules

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Dates and hours in header, readable text and certification data (RFC 6109
// 4.1, 4.2).
func generalTimeJudges() []Judge {
	return []Judge{
		everySystemMessage("PEC-GEN-027", "Date, readable text and certification data of one message, as instants", judgeGeneralOneInstant, systemKinds...),
		everySystemMessage("PEC-GEN-028", "the form of day and hour in the readable text", judgeGeneralReadableForm, systemKinds...),
		everySystemMessage("PEC-GEN-029", "the offset in parentheses after the readable hour", judgeGeneralReadableOffset, systemKinds...),
		everySystemMessage("PEC-GEN-030", "whether the offsets are those of Italian legal time at that instant", judgeGeneralLegalTime, systemKinds...),
	}
}

// subjectAside returns the subject as it may stand in the readable text, which
// may hold dates of its own.
func subjectAside(m *Message) string {
	if data := m.PEC.Certification; data != nil {
		return data.Subject
	}
	rest, _ := remainder(m.PEC)
	return rest
}

func judgeGeneralOneInstant(_ *View, m *Message, f *Findings) {
	date, err := headerInstant(m.PEC.Root)
	if err != nil {
		return // PEC-TIM-003
	}
	reference, what := date, "Date"
	if data := m.PEC.Certification; data != nil {
		if reference, err = certifiedInstant(data); err != nil {
			return // PEC-XML-012
		}
		what = "the certification data"
	}
	legal := reference.In(legalZone())
	kept := true
	if apart := date.Sub(reference).Abs(); apart > dateTolerance {
		kept = false
		f.Broken(m.Where("header Date"), legal.Format(time.RFC1123Z)+", as "+what, shown(m.PEC.Root.Value("Date")))
	} else if apart != 0 {
		kept = false
		f.Deviates(m.Where("header Date"), legal.Format(time.RFC1123Z)+", as "+what, fmt.Sprintf("%q, %s apart", m.PEC.Root.Value("Date"), apart))
	}
	if r, ok := readableOf(m.PEC); ok {
		stamps := stampsIn(r.Text, subjectAside(m))
		if len(stamps) > 0 && !stampedAt(stamps, reference) { // PEC-GEN-028 where there is none
			kept = false
			f.Broken(m.Where(r.Part), legalTime(legal)+", as "+what,
				strings.Join([]string{stamps[0].Day, stamps[0].Time, stamps[0].Zone}, " "))
		}
	}
	if kept {
		f.Holds(m.Where("header Date"), legalTime(legal))
	}
}

// stampedAt tells whether one of the stamps is that instant; a stamp without
// offset is read as legal time.
func stampedAt(stamps []stamp, at time.Time) bool {
	for _, s := range stamps {
		if s.Zone == "" {
			s.Zone = at.In(legalZone()).Format("-0700")
		}
		if instant, err := s.instant(); err == nil && instant.Equal(at) {
			return true
		}
	}
	return false
}

var (
	anyDay  = regexp.MustCompile(`[0-9]+\s?[/.\-]\s?[0-9]+\s?[/.\-]\s?[0-9]+|[0-9]{1,2}\s+\p{L}{3,9}\s+[0-9]{4}`)
	anyHour = regexp.MustCompile(`[0-9]{1,2}[:.][0-9]{1,2}([:.][0-9]{1,2})?`)
)

func judgeGeneralReadableForm(_ *View, m *Message, f *Findings) {
	r, ok := readableOf(m.PEC)
	if !ok {
		return
	}
	if stamps := stampsIn(r.Text, subjectAside(m)); len(stamps) > 0 {
		f.Holds(m.Where(r.Part), stamps[0].Day+" "+stamps[0].Time)
		return
	}
	text := r.Text
	if subject := fold(subjectAside(m)); subject != "" {
		text = strings.ReplaceAll(text, subject, " … ")
	}
	f.Broken(m.Where(r.Part), "a day as dd/mm/yyyy and an hour as hh:mm:ss",
		fmt.Sprintf("day %q, hour %q", anyDay.FindString(text), anyHour.FindString(anyDay.ReplaceAllString(text, " "))))
}

var (
	hourWithOffset = regexp.MustCompile(`[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?\s*\(([+-][0-9]{2}:?[0-9]{2})\)`)
	loneHour       = regexp.MustCompile(`[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?.{0,12}`)
)

func judgeGeneralReadableOffset(_ *View, m *Message, f *Findings) {
	r, ok := readableOf(m.PEC)
	if !ok {
		return
	}
	text := r.Text
	if subject := fold(subjectAside(m)); subject != "" {
		text = strings.ReplaceAll(text, subject, " … ")
	}
	hour := loneHour.FindString(text)
	switch offset := hourWithOffset.FindStringSubmatch(text); {
	case offset != nil:
		f.Holds(m.Where(r.Part), "("+offset[1]+")")
	case hour != "": // PEC-GEN-028 where there is none
		f.Broken(m.Where(r.Part), "an offset in parentheses after the hour, (+0100) or (+01:00)", shown(hour))
	}
}

func judgeGeneralLegalTime(_ *View, m *Message, f *Findings) {
	kept := ""
	check := func(where Where, s stamp) bool {
		at, err := s.instant()
		if err != nil {
			return true // PEC-GEN-028, PEC-XML-012
		}
		if legal := at.In(legalZone()).Format("-0700"); legal != strings.Replace(s.Zone, ":", "", 1) {
			f.Broken(where, "Italian legal time: "+legalTime(at), fmt.Sprintf("%s %s (%s)", s.Day, s.Time, s.Zone))
			return false
		}
		kept = s.Zone
		return true
	}
	good := true
	if data := m.PEC.Certification; data != nil {
		good = check(m.Where("daticert.xml"), stamp{Day: fold(data.Day), Time: fold(data.Time), Zone: fold(data.Zone)})
	}
	if r, ok := readableOf(m.PEC); ok {
		for _, s := range stampsIn(r.Text, subjectAside(m)) {
			if s.Zone != "" {
				good = check(m.Where(r.Part), s) && good
				break
			}
		}
	}
	if good && kept != "" {
		f.Holds(m.Where("daticert.xml"), kept)
	}
}
