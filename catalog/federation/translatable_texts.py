"""Which texts of a record are kept by language, and how a record is divided into one layer a language. Pure."""

from collections.abc import Mapping
from typing import Any

from catalog.rules.record_values.feature import texts_by_language

# kind -> field -> whether it is a list of lines, which is sent as one text with line feeds.
TEXTS: Mapping[str, Mapping[str, bool]] = {
    "project": {
        "summary": False,
        "description": False,
        "features": True,
        "cost": False,
        "leaving.note": False,
        "governance": False,
        "notes": False,
    },
    "organization": {"about": False, "notes": False},
    "adoption": {"purpose": False, "lesson": False},
    "term": {},
}


def apart(kind: str, record: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """A document's record as the body without texts by language, and those: language -> field -> text.

    Sources of single features are not sent: their lines are texts. Evidence of other fields is in the body.
    """
    body = dict(record)
    texts: dict[str, dict[str, str]] = {}
    for field, lines in TEXTS[kind].items():
        above, _, last = field.rpartition(".")
        holder = body.get(above) if above else body
        if not isinstance(holder, dict) or last not in holder:
            continue
        if above:
            holder = body[above] = dict(holder)
        for language, text in texts_by_language({last: holder.pop(last)}, last).items():
            texts.setdefault(language, {})[field] = "\n".join(text) if lines else text
        if above and not holder:
            del body[above]
    return body, texts
