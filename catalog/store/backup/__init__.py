"""Whole copies of the database and of its public part, and how a restore keeps what was withdrawn since the copy."""
