"""What a visit of a mirror read from its repository."""
