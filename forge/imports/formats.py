"""The names of the formats of sources, apart from their readers, so that one is chosen before any is imported."""

OPEN_CATALOG, PUBLICCODE, AWESOME, SHEET, DOCUMENT = "open-catalog", "publiccode", "awesome", "sheet", "document"
FORMATS = (DOCUMENT, PUBLICCODE, OPEN_CATALOG, AWESOME, SHEET)
