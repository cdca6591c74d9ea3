"""The pages and the other faces over HTTP. Handlers read the store, and never fetch from elsewhere."""
