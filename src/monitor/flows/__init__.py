"""What the service does: ports and steps put together, each file one story from top to bottom."""
