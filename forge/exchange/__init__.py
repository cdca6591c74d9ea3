"""The exchange between catalogues, as files: what is published here, and what is read of others."""
