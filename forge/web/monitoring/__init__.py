"""Figures for programs that watch the service; whether it lives is in `health`."""
