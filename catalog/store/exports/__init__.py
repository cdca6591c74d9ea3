"""What exports, the search index, the API's lists and the statistics read."""
