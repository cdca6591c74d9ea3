"""The page of a project and its parts."""
