"""A source-monitoring service: many outlets, one subject, nothing lost in silence."""

__version__ = "0.1.0"
