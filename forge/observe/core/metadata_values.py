"""Values from metadata files, in the shapes of our fields: bounded, on one line, without addresses of people."""

from collections.abc import Callable, Iterable
from typing import Any

from catalog.licenses import expressions
from catalog.sentences import mark
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.privacy_filter import MAX_NAME, is_impersonal, without_addresses
from forge.observe.core.tree import Tree

MAX_LINES = 50  # of one list
MAX_SHORT, MAX_LONG = 500, 10_000  # characters
LARGE = mark("The file is larger than what is read.")
NO_LANGUAGE = "und"  # BCP 47: the file does not say which


def facts_of_file(tree: Tree, path: str, observer: str, tell: Callable[[str, bytes], Any]) -> list[ObservedFact]:
    """The facts from an observer's only file, by `tree.read_cached`: `tell` returns pairs of field and value. Empty
    where the file does not exist."""
    if path not in tree:
        return []
    values = tree.read_cached(observer, path, tell)
    if values is None:
        return [ObservedFact("unreadable", {"problem": LARGE, "line": 1}, path)]
    return [ObservedFact(field, value, path) for field, value in values]


def not_understood(keys: Iterable[str]) -> dict[str, Any] | None:
    """`unreadable` of a file of which the values of these keys, names of the format's own, are not taken; else None."""
    names = ", ".join(keys)
    return {"problem": f"Nothing usable stands at these keys: {names}.", "line": None} if names else None


def one_line(value: Any, most: int) -> str | None:
    """A text on one line, of at most `most` characters; None where there is none."""
    if not isinstance(value, str):
        return None
    return without_addresses(" ".join(value[: 4 * most].split()))[:most].strip() or None


def long_text(value: Any) -> str | None:
    """A text with its lines, of at most MAX_LONG characters."""
    return without_addresses(value[:MAX_LONG].strip()) or None if isinstance(value, str) else None


def unique(values: Iterable[Any]) -> list[Any]:
    """The values that are not empty, each once, at most MAX_LINES."""
    return list(dict.fromkeys(value for value in values if value))[:MAX_LINES]


def one_line_texts(value: Any, most: int) -> list[str]:
    """The texts of a list."""
    return unique(one_line(text, most) for text in value[: 4 * MAX_LINES]) if isinstance(value, list) else []


def impersonal_uri(value: Any) -> str | None:
    """A URI without anybody's e-mail address."""
    return value if isinstance(value, str) and value == one_line(value, MAX_SHORT) and is_impersonal(value) else None


def license_of(value: Any) -> dict[str, Any] | None:
    """`license.manifest`: what is stated, and its SPDX expression, None where it is not one."""
    text = one_line(value, MAX_NAME)
    if text is None:
        return None
    try:
        return {"license": expressions.canonical(text), "stated": text}
    except ValueError:
        return {"license": None, "stated": text}


def maintainers(names: Iterable[tuple[str | None, str | None]]) -> list[dict[str, Any]]:
    """`maintenance`: each organization once, with the first of its roles that is known."""
    roles: dict[str, str | None] = {}
    for name, role in names:
        if name:
            roles[name] = roles.get(name) or role
    return [{"organization": name, "role": role} for name, role in roles.items()][:MAX_LINES]
