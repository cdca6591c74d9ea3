"""Follows other catalogues: reads their signed repositories (The Update Framework 1.0) and takes over what was decided.
What a catalogue does wrong is a row with a reason, and what was read before stays.
"""
