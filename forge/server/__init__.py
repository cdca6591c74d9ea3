"""Starting and running the service: checks before a start, the document, processes, request limits, `forge doctor`."""
