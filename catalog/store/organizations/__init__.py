"""Rows of organizations, their facts, their list and their countries."""
