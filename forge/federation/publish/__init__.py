"""The writing side of the exchange: the key (keys), the folder (folder), and the errand that keeps it (errand).

What is told, and how, is decided in `catalog.federation`; reading other catalogues is `forge.federation.pull`'.
"""
