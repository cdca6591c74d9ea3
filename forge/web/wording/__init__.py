"""Codes of the lower layer as sentences and labels for people."""
