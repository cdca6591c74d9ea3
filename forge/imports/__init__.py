"""What other catalogues and lists say of projects, read into the document's shape: no row is written here.

Each reader takes files or answers of strangers, bounded, and gives `Read`: records without identity, and what it could
not take, with place, line and what to do. Natural persons never leave a reader. `source` tells which reader a source is
for; `catalog.store.documents.imported_lists` keeps what is taken over.
"""
