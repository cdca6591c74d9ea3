"""The pages and the other faces over HTTP. Handlers read the store, and never fetch from
elsewhere, but for signing in by the operator's own provider (`network`)."""
