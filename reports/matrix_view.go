package reports

// Unseen is a mutant that a view of the target cannot see.
type Unseen struct {
	Fault  string   `json:"fault"`
	Title  string   `json:"title"`
	Breaks []string `json:"breaks"` // rules that it breaks, where more is seen
	Why    string   `json:"why"`    // what the view lacks
}
