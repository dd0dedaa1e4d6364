"""Pure: no network, disk, database, clock, chance, threads or logging. One question, one file."""
