"""Turns the files and dates of a repository into facts that may be published. Pure: bytes in, facts out."""
