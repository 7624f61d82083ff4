package steps

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// insideOf asks the hosts of a target that has a white box for each provider:
// the one that a question names, else in the stated order. What moves time on
// goes to all of them, so that their clocks stay together; what asks for rest
// is answered when all rest.
func (w *World) insideOf(ctx context.Context, hosts []WhiteBoxHost, q question) (insideAnswer, error) {
	if name := w.providerNamed(q); name != "" {
		for _, h := range hosts {
			if h.Provider == name {
				return w.insideOver(ctx, h.URL, q)
			}
		}
		return insideAnswer{}, errNotOffered
	}
	all := q.method != http.MethodGet || q.path == pathIdle
	var last insideAnswer
	for _, h := range hosts {
		answer, err := w.insideOver(ctx, h.URL, q)
		if err != nil {
			return answer, err
		}
		last = answer
		if good := statusOK(answer.status); good != all {
			return answer, nil // the first that knows, or the first that could not
		}
	}
	return last, nil
}

// providerNamed is the provider that a question is about; "" for all.
func (w *World) providerNamed(q question) string {
	if name := q.query.Get("provider"); name != "" {
		if name == w.target.Ordinary.Name {
			return ""
		}
		return name
	}
	var body struct {
		Provider string `json:"provider"`
		Address  string `json:"address"`
	}
	if q.body != nil {
		_ = json.Unmarshal(q.body, &body) // it is our own
	}
	if body.Provider != "" {
		return body.Provider
	}
	address := body.Address
	if rest, is := strings.CutPrefix(q.path, "/v1/accounts/"); is {
		rest, _, _ = strings.Cut(rest, "/")
		if plain, err := url.PathUnescape(rest); err == nil {
			address = plain
		}
	}
	if p := w.target.providerAt(address); p != nil && address != "" {
		return p.Name
	}
	return ""
}
