"""Rows of projects: slugs, names, facts with their history, relations, takedowns and screenshots."""
