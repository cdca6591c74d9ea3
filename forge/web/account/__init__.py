"""Signing in, the reader's own page, tokens, and following by mail."""
