"""Removes e-mail addresses and telephone numbers from texts."""

import re
from typing import Any

from catalog.rules.contact_details import REMOVED_MARK, without_phones

# Each part is bounded as RFC 5321 has it, or a long text without an end of a word would take quadratic time.
_EMAIL = re.compile(r"[^\s@<>()\[\]/:;,\"]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[^\W\d_]{2,63}")
# What nobody writes by hand, and may look like a number: ids, names in addresses, what registers gave, times.
_GIVEN = frozenset({"id", "slug", "former", "identifiers", "page", "updated_at"})


def scrubbed(value: Any) -> Any:
    """The same JSON, with "…" for each address and number. A web address may hold what looks like a number."""
    if isinstance(value, str):
        value = _EMAIL.sub(REMOVED_MARK, value) if "@" in value else value
        return value if "://" in value and not set(value) & set(" \n") else without_phones(value)
    if isinstance(value, dict):
        return {key: part if key in _GIVEN else scrubbed(part) for key, part in value.items()}
    return [scrubbed(part) for part in value] if isinstance(value, list) else value
