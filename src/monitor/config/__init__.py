"""config/ -> settings, sources, lexicon and rules; an error names file, key and what is allowed."""
