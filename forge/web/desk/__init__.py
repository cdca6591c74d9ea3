"""The desk of moderators and the public log."""
