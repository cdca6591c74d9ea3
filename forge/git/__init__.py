"""Everything that runs git: mirroring from hostile origins, reading, serving. Nothing else in `forge` starts git on a
repository.

`fetch.sync` writes mirrors, `maintenance` keeps them fast, `read` reads them for pages and observation, `browse`
answers what pages ask beside objects, `http_backend` and `archive` stream clones and archives. None of them knows the
store; `forge.mirroring.visit` combines them with it.
"""
