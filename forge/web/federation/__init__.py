"""Other catalogues for readers: which are read here, the signed files."""
