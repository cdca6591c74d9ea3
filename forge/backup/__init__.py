"""A catalogue in one file: made while it runs, and restored."""
