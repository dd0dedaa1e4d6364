"""What the service remembers: SQLite, every write one transaction."""
