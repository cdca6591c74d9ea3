"""How large, how deep, how long: every bound of the exchange, shared by writer and reader. Nothing but constants."""

import re
from datetime import timedelta

FORMAT = 1
ENTRY_BYTES = 256 * 1024
SIGNATURES_BYTES = 16 * 1024
CARD_BYTES = 256 * 1024
PACKED_BYTES = 32 * 1024 * 1024  # of a file that entry.json names
UNPACKED_BYTES = 128 * 1024 * 1024
RECORD_BYTES = 256 * 1024
DEPTH = 12  # of a record's body; a file has at most five levels around it
FILE_DEPTH = DEPTH + 5
PARTS = 500
CHANGES = 50  # change files that an entry names at most
SIGNATURES = 8
PREVIOUS_KEYS = 50
FOLLOWS = 1_000  # as many as one catalogue reads

LIFETIME = timedelta(days=30)  # from `at` to `expires_at`
RENEWED_AFTER = timedelta(days=7)
TOMBSTONES_KEPT = timedelta(days=730)
ERASED_WITHIN = timedelta(days=7)  # what followers promise, and the card says
LATE_AFTER = timedelta(days=30)  # without an acknowledgement a follower is paused

PATH = re.compile(r"(snapshot|changes)/[a-z0-9.-]{1,120}\.json\.gz", re.ASCII)
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
