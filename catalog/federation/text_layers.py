"""Which texts of a record stand in language layers, and how a record is taken apart and put together again. Pure."""

from collections.abc import Mapping
from typing import Any

from catalog.rules.facts.feature import texts_by_language

# kind -> field -> whether it is a list of lines, which travels as one text with line feeds.
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
    "experience": {"context": False, "hurt": False, "advice": False, "answer": False},
    "call": {"text": False, "today": False, "who": False, "effort": False},
    "term": {},
}


def apart(kind: str, record: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """A document's record as the body without texts by language, and those: language -> field -> text.

    Sources of single features do not travel: their lines are texts. Evidence of other fields is in the body.
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


def together(kind: str, body: Mapping[str, Any], texts: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The record that `apart` took apart; fields that are no text of this kind are passed over. Of `body`, which stays
    as it is, it shares what holds no text."""
    record = dict(body)
    for field, lines in TEXTS.get(kind, {}).items():
        said = {language: fields[field] for language, fields in sorted(texts.items()) if fields.get(field)}
        if not said:
            continue
        above, _, last = field.rpartition(".")
        holder = record.get(above, {}) if above else record
        if isinstance(holder, dict):
            if above:
                holder = record[above] = dict(holder)
            holder[last] = {language: text.split("\n") if lines else text for language, text in said.items()}
    return record
