"""Names of what the exchange keeps in the data folder."""

FOLDER = "exchange"  # what is served at /exchange/
ROOT_KEY, ONLINE_KEY = KEYS = ("exchange-root-key", "exchange-online-key")
