"""Readers of what others say of projects, in the shape of the document. No row is written here.

Each reader takes files of strangers, bounded, and gives a `ReadSource`: records without identity, and what it could not
take, with place, line and what to do. Natural persons never leave a reader. `source` chooses the reader;
`catalog.store.documents.imported_lists` stores what is taken over.
"""

FORMATS = DOCUMENT, PUBLICCODE, SHEET = ("document", "publiccode", "sheet")
