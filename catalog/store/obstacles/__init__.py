"""Reports of what keeps people from using a project."""
