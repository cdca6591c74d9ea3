"""Pages of organizations and countries."""
