"""Accounts, sessions and links, messages on their way, API tokens, and all that is kept about a person."""
