"""One file per channel, each with send()."""
