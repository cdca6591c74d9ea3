"""What exports, the search index, lists of the API and statistics read."""
