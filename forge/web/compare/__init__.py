"""Comparing projects side by side, and the sheet for a meeting."""
