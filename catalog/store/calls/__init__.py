"""Calls: what an organization needs and who supports it."""
