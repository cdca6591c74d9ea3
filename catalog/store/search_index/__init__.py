"""What the search index holds of projects, read from the tables."""
