"""Observations: what visits read from repositories, and their screenshots."""
