"""Other catalogues for readers: which are read here, offers of translations, the signed files."""
