"""Our data in the formats of others: views of the store in, bytes and texts out. Pure.

`software` is a project as every format describes it, `catalogue_site` the catalogue and its licenses. Each format has a
module; `metadata` is shared with the files that makers are offered.
"""
