"""Signing in, a person's own page, tokens, and following by mail."""
