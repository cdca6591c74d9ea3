"""Accounts, sessions and links, the queue of messages, API tokens, and all data about a person."""
