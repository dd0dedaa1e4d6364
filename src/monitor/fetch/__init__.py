"""HTTP with manners: one way out, guarded, paced, bounded."""
