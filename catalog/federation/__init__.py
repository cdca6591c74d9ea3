"""What travels between catalogues: shapes, signatures, and the verbs over them. It fetches nothing, it serves nothing.

Rooms: shapes (what the files say, and their canonical bytes), bounds (how large, how long), parsing (a stranger's bytes
to shapes), words (which texts of a record stand in language layers), signing (keys, fingerprints, who said it), pieces
and writing (what goes out); delta, merge, stated, spoken, names, identity, clusters, suggesting (what becomes of what
comes in); offering (translations, both ways).
"""
