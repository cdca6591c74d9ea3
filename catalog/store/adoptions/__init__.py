"""Adoptions: which organizations use which projects, as they say themselves and as networks and maintainers report;
questions about it, and experiences.
"""
