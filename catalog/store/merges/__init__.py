"""Records that are the same or succeed each other: which moderators merged, and what other catalogues say about it."""
