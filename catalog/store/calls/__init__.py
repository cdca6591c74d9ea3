"""Calls: what an organization needs, or a project asks for."""
