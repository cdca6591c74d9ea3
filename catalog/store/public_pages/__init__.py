"""Reads for public pages of projects and organizations, from many tables."""
