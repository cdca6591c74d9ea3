"""Licenses: SPDX expressions, which are free, what each asks for, and which may be combined."""
