"""Which hosts may be contacted, secrets, signatures, and signing in by another provider."""
