"""The queue of moderators, what visits found for them, and the public log of decisions."""
