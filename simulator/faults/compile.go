package faults

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/collaudo/collaudo/simulator/compose"
)

// Groups are names for several variants of drafts at once.
var groups = map[string][]string{
	"envelopes": {compose.VariantTransportEnvelope, compose.VariantAnomalyEnvelope},
	"delivery":  {compose.VariantDeliveryComplete, compose.VariantDeliveryBrief, compose.VariantDeliveryConcise},
	"delay":     {compose.VariantDelay12, compose.VariantDelay24},
	"refusals":  {compose.VariantNonAcceptance, compose.VariantNonAcceptanceVirus},
	"failures":  {compose.VariantNonDelivery, compose.VariantNonDeliveryVirus},
	"receipts": {
		compose.VariantAcceptance, compose.VariantNonAcceptance, compose.VariantNonAcceptanceVirus, compose.VariantTakenInCharge,
		compose.VariantVirusDetection, compose.VariantNonDelivery, compose.VariantNonDeliveryVirus, compose.VariantDelay12,
		compose.VariantDelay24, compose.VariantDeliveryComplete, compose.VariantDeliveryBrief, compose.VariantDeliveryConcise,
	},
}

var everyVariant = []string{
	compose.VariantAcceptance, compose.VariantNonAcceptance, compose.VariantNonAcceptanceVirus,
	compose.VariantTransportEnvelope, compose.VariantTakenInCharge, compose.VariantAnomalyEnvelope,
	compose.VariantVirusDetection, compose.VariantNonDelivery, compose.VariantNonDeliveryVirus,
	compose.VariantDelay12, compose.VariantDelay24,
	compose.VariantDeliveryComplete, compose.VariantDeliveryBrief, compose.VariantDeliveryConcise,
}

// act is an Act made ready.
type act struct {
	fault     string
	provider  string // service domain; "" all
	point     Point
	name      string // of the operator
	variants  map[string]bool
	arguments map[string]string
	pattern   *regexp.Regexp
	duration  time.Duration
}

// operator says what an operator wants. It is carried out by the method of its
// point.
type operator struct {
	point    Point
	needs    []string // arguments that must be there
	may      []string // arguments that may
	any      bool     // takes arguments of any name
	duration string   // the argument that is a duration
}

var operators = map[string]operator{
	"header-set":     {point: AtDraft, needs: []string{"name", "value"}},
	"header-add":     {point: AtDraft, needs: []string{"name", "value"}},
	"header-ensure":  {point: AtDraft, needs: []string{"name", "value"}},
	"header-drop":    {point: AtDraft, needs: []string{"name"}},
	"header-replace": {point: AtDraft, needs: []string{"name", "pattern", "by"}},
	"header-rename":  {point: AtDraft, needs: []string{"name", "to"}},
	"header-fold":    {point: AtDraft, needs: []string{"name"}},
	"header-inherit": {point: AtDraft, needs: []string{"name"}},
	"header-keep":    {point: AtDraft, needs: []string{"name"}},
	"header-raw":     {point: AtDraft, needs: []string{"name", "value"}},
	"subject-encode": {point: AtDraft, needs: []string{"charset"}, may: []string{"lossy"}},
	"subject-raw":    {point: AtDraft},
	"date-style":     {point: AtDraft, needs: []string{"layout"}, may: []string{"zone"}},

	"text-replace": {point: AtDraft, needs: []string{"pattern", "by"}, may: []string{"in"}},
	"text-model":   {point: AtDraft, needs: []string{"text"}},
	"text-append":  {point: AtDraft, needs: []string{"text"}},

	"certification-replace":   {point: AtDraft, needs: []string{"pattern", "by"}},
	"certification-set":       {point: AtDraft, needs: []string{"element", "value"}},
	"certification-drop":      {point: AtDraft, needs: []string{"element"}},
	"certification-duplicate": {point: AtDraft, needs: []string{"element"}},
	"certification-invent":    {point: AtDraft},

	"original-drop":    {point: AtDraft},
	"original-enclose": {point: AtDraft},
	"original-whole":   {point: AtDraft},
	"original-append":  {point: AtDraft, needs: []string{"text"}},
	"original-replace": {point: AtDraft, needs: []string{"pattern", "by"}},
	"brief":            {point: AtDraft, needs: []string{"mistake"}},

	"format":     {point: AtDraft, any: true},
	"date-shift": {point: AtDraft, needs: []string{"by", "in"}, duration: "by"},
	"zone":       {point: AtDraft, needs: []string{"in"}},

	"identifier": {point: AtIdentity, needs: []string{"form"}},

	"content-replace": {point: AtContent, needs: []string{"pattern", "by"}},
	"sealed-replace":  {point: AtSealed, needs: []string{"pattern", "by"}},
	"signature":       {point: AtSealed, needs: []string{"mistake"}},

	"variant":  {point: AtSigner, needs: []string{"name"}},
	"digest":   {point: AtSigner, needs: []string{"name"}},
	"unsigned": {point: AtSigner},

	"skip":     {point: AtEmission},
	"twice":    {point: AtEmission},
	"redirect": {point: AtEmission, needs: []string{"to"}},
	"also":     {point: AtEmission, needs: []string{"to"}},
	"times":    {point: AtEmission, needs: []string{"count"}},
	"delay":    {point: AtEmission, needs: []string{"by"}, duration: "by"},

	"drop":      {point: AtEmission},
	"duplicate": {point: AtEmission},
	"hold":      {point: AtEmission, may: []string{"until"}},

	"reply":  {point: AtReply, needs: []string{"stage", "code"}, may: []string{"service", "enhanced", "text"}},
	"hasten": {point: AtDeadline, needs: []string{"hour"}, duration: "hour"},

	"pass":   {point: AtCheck, needs: []string{"name"}},
	"fail":   {point: AtCheck, needs: []string{"name"}, may: []string{"found"}},
	"invert": {point: AtCheck, needs: []string{"name"}},

	"behave": {point: AtBehaviour, needs: []string{"name"}},
}

// compile checks a fault and makes its acts ready.
func compile(f Fault) ([]act, error) {
	variants, err := expand(f.ID, f.Kinds)
	if err != nil {
		return nil, err
	}
	var acts []act
	for _, a := range append([]Act{f.Act}, f.Then...) {
		ready, err := prepare(f.ID, a)
		if err != nil {
			return nil, err
		}
		ready.variants = variants
		acts = append(acts, ready)
	}
	return acts, nil
}

// expand is the set of variants that kinds stand for; whose names who says so.
func expand(whose string, kinds []string) (map[string]bool, error) {
	variants := map[string]bool{}
	for _, kind := range kinds {
		switch {
		case groups[kind] != nil:
			for _, v := range groups[kind] {
				variants[v] = true
			}
		case slices.Contains(everyVariant, kind):
			variants[kind] = true
		default:
			return nil, fmt.Errorf("faults: %s: kind %q is neither a variant (%s) nor a group (%s)", whose, kind,
				strings.Join(everyVariant, ", "), strings.Join(slices.Sorted(maps.Keys(groups)), ", "))
		}
	}
	return variants, nil
}

func prepare(fault string, a Act) (act, error) {
	op, known := operators[a.Operator]
	if !known {
		return act{}, fmt.Errorf("faults: %s: operator %q does not exist; there are %s", fault, a.Operator,
			strings.Join(slices.Sorted(maps.Keys(operators)), ", "))
	}
	if op.point != a.At {
		return act{}, fmt.Errorf("faults: %s: operator %s works at %q, not at %q", fault, a.Operator, op.point, a.At)
	}
	for _, need := range op.needs {
		if _, there := a.Arguments[need]; !there {
			return act{}, fmt.Errorf("faults: %s: operator %s needs the argument %q", fault, a.Operator, need)
		}
	}
	for name := range a.Arguments {
		if !op.any && !slices.Contains(op.needs, name) && !slices.Contains(op.may, name) {
			return act{}, fmt.Errorf("faults: %s: operator %s does not take the argument %q", fault, a.Operator, name)
		}
	}
	ready := act{fault: fault, point: a.At, name: a.Operator, arguments: a.Arguments}
	var err error
	if p, there := a.Arguments["pattern"]; there {
		if ready.pattern, err = regexp.Compile(p); err != nil {
			return act{}, fmt.Errorf("faults: %s: pattern: %w", fault, err)
		}
	}
	if op.duration != "" {
		if ready.duration, err = time.ParseDuration(a.Arguments[op.duration]); err != nil {
			return act{}, fmt.Errorf("faults: %s: %s: %w", fault, op.duration, err)
		}
	}
	return ready, check(ready)
}

// check tries what only shows when an operator is carried out.
func check(a act) error {
	switch a.name {
	case "format":
		for name, value := range a.arguments {
			if err := setFormat(&compose.Format{}, name, value); err != nil {
				return fmt.Errorf("faults: %s: %w", a.fault, err)
			}
		}
	case "brief":
		if _, err := briefMistake(a.arguments["mistake"]); err != nil {
			return fmt.Errorf("faults: %s: %w", a.fault, err)
		}
	case "digest":
		if _, ok := digests[a.arguments["name"]]; !ok {
			return fmt.Errorf("faults: %s: digest %q is none of md5, sha-1, sha-256, sha-384, sha-512", a.fault, a.arguments["name"])
		}
	case "signature":
		if signatureMistakes[a.arguments["mistake"]] == nil {
			return fmt.Errorf("faults: %s: a signature has no mistake %q", a.fault, a.arguments["mistake"])
		}
	case "times":
		if n, err := strconv.Atoi(a.arguments["count"]); err != nil || n < 0 || n > 20 {
			return fmt.Errorf("faults: %s: expected a count from 0 to 20, found %q", a.fault, a.arguments["count"])
		}
	case "hold":
		if until := a.arguments["until"]; until != "" && until != UntilMessage && until != UntilMailbox {
			return fmt.Errorf("faults: %s: hold until %q: want %q or %q", a.fault, until, UntilMessage, UntilMailbox)
		}
	case "reply":
		if _, err := readReply(a.arguments); err != nil {
			return fmt.Errorf("faults: %s: %w", a.fault, err)
		}
	case "hasten":
		if a.duration <= 0 || a.duration > time.Hour {
			return fmt.Errorf("faults: %s: an hour of %v: want more than nothing and at most 1h", a.fault, a.duration)
		}
	case "redirect", "also":
		if !slices.Contains([]string{ToReplyTo, ToSender, ToRecipient, ToService}, a.arguments["to"]) {
			return fmt.Errorf("faults: %s: %q is no destination", a.fault, a.arguments["to"])
		}
	}
	return nil
}

// Kinds are the variants of drafts that kinds may name, in the order of a
// message's life.
func Kinds() []string { return slices.Clone(everyVariant) }
