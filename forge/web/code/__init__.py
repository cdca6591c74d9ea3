"""The pages of a mirror's code, its files, and git clones over HTTP."""
