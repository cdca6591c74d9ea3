"""Bringing a mirror up to date: probe, download, judge the refs, take them over."""
