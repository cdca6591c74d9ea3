"""The names of the formats of sources, in a module of their own for whoever chooses among them before any is read."""

OPEN_CATALOG, PUBLICCODE, AWESOME, SHEET, DOCUMENT = "open-catalog", "publiccode", "awesome", "sheet", "document"
FORMATS = (DOCUMENT, PUBLICCODE, OPEN_CATALOG, AWESOME, SHEET)
