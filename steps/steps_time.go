package steps

// timeVocabulary lists the steps about legal time, restarts and the saved log.
func (w *World) timeVocabulary() []definition {
	return []definition{
		{
			`^(` + spanPattern + `) pass(?:es)?$`,
			"moves legal time on, and lets happen what falls due on the way", w.pass,
		},
		{
			`^the clock reaches (` + spanPattern + `) after the sending$`,
			"moves legal time on to so long after the last message was handed over", w.passAfterSending,
		},
		{
			`^(Anna|Bruno)'s provider is restarted$`,
			"stops a provider and starts it again on what it has stored", w.restart,
		},
		{
			`^the log files of (Anna|Bruno)'s provider are read$`,
			"takes the files in which a provider saves its log into evidence, with their time stamps", w.readLogFiles,
		},
		{
			`^(Anna|Bruno) asks (?:her|his) provider for the trace of the message$`,
			"asks for the extract of the log that a holder without receipts is entitled to", w.askForTrace,
		},
	}
}
