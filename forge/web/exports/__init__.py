"""Exports, embeds and statistics over HTTP."""
