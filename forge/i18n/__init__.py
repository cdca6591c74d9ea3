"""Languages: catalogues of translations, texts of pages, and the extraction for translators."""
