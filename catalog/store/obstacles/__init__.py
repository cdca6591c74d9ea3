"""Obstacles: reports of what keeps people from using a project."""
