"""What catalogues send each other: the files of an exchange, their fields, names, bounds and JSON Schemas.

docs/exchange.md describes it for those who implement it elsewhere. Modules: limits, names (files and shards), values
(what a text, an address or a date is), records (projects, organizations), statements (withdrawals, the card,
followed instances, what a root says of its catalogue), reading (bytes to these), writing (these to bytes),
schemas.
"""
