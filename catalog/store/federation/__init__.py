"""Other catalogues: the peers themselves and translations on their way. What they told, how it is matched with our
records and what we publish for them are packages of their own.
"""
