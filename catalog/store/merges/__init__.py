"""Records that are the same or succeed each other: what moderators merged, and what other catalogues state about it."""
