"""Readers of single files that projects write about themselves: citation, funding, policies, changelog, users."""
