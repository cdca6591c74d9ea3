"""The page that compares projects side by side, and the printed sheet for a meeting."""
