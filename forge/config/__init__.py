"""What an operator sets: settings, theme, and where the files that come with Forge are."""
