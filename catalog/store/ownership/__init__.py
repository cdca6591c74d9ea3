"""Verified maintainers and representatives, their invitations, and projects whose makers asked not to be listed."""
