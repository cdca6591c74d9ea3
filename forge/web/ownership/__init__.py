"""Verification, the pages of maintainers and representatives, push webhooks."""
