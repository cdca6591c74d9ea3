"""Rows of projects: slugs, names, facts with their history, relations, forks and takedowns."""
