package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// tagExpression is a Cucumber tag expression (and, or, not, parentheses),
// ready to be asked about the tags of a scenario. godog's own filter reads
// "not @a" as one odd tag name and then selects nothing, so it is not used.
type tagExpression struct {
	matches func(tags []string) bool
	names   []string // every tag it names
}

// parseTags reads a tag expression. Names may be written with or without "@".
func parseTags(text string) (tagExpression, error) {
	p := &tagParser{tokens: tokenise(text)}
	matches, err := p.or()
	if err == nil && p.position < len(p.tokens) {
		err = fmt.Errorf("unexpected %q", p.tokens[p.position])
	}
	if err != nil {
		return tagExpression{}, fmt.Errorf("tag expression %q: %w; expected tags joined by and, or, not and parentheses, e.g. \"@virus and not @heavy\"", text, err)
	}
	return tagExpression{matches, p.names}, nil
}

func tokenise(text string) []string {
	spaced := strings.NewReplacer("(", " ( ", ")", " ) ").Replace(text)
	return strings.Fields(spaced)
}

type tagParser struct {
	tokens   []string
	position int
	names    []string
}

type tagMatcher = func([]string) bool

func (p *tagParser) peek() string {
	if p.position < len(p.tokens) {
		return p.tokens[p.position]
	}
	return ""
}

func (p *tagParser) or() (tagMatcher, error) {
	left, err := p.and()
	for err == nil && p.peek() == "or" {
		p.position++
		var right tagMatcher
		if right, err = p.and(); err == nil {
			l := left
			left = func(tags []string) bool { return l(tags) || right(tags) }
		}
	}
	return left, err
}

func (p *tagParser) and() (tagMatcher, error) {
	left, err := p.unary()
	for err == nil && p.peek() == "and" {
		p.position++
		var right tagMatcher
		if right, err = p.unary(); err == nil {
			l := left
			left = func(tags []string) bool { return l(tags) && right(tags) }
		}
	}
	return left, err
}

func (p *tagParser) unary() (tagMatcher, error) {
	token := p.peek()
	p.position++
	switch token {
	case "":
		return nil, fmt.Errorf("it ends where a tag was expected")
	case "and", "or", ")":
		return nil, fmt.Errorf("unexpected %q", token)
	case "not":
		inner, err := p.unary()
		return func(tags []string) bool { return !inner(tags) }, err
	case "(":
		inner, err := p.or()
		if err == nil && p.peek() != ")" {
			err = fmt.Errorf("a parenthesis is not closed")
		}
		p.position++
		return inner, err
	}
	name := "@" + strings.TrimPrefix(token, "@")
	p.names = append(p.names, name)
	return func(tags []string) bool { return slices.Contains(tags, name) }, nil
}
