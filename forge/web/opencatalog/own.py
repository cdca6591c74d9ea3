"""Entries of the catalogue's own in the Open Catalog API, which no crawler changes: a patch that says what they say
already is fine, another is refused with the reason. It reads and writes nothing.
"""

from collections.abc import Mapping
from typing import Any

from catalog.posted import normalized
from catalog.store.opencatalog_own import Home
from forge.observe.publiccode.shareable import shareable
from forge.web.opencatalog.problems import Refused

CODE = "own-entry"


def refused() -> Refused:
    return Refused(
        409,
        "This is an entry of the catalogue's own: what people said of it is changed on its page, not by a crawler.",
        code=CODE,
    )


def demand_posted(one: Any) -> None:
    """Raises Refused, 409, for an entry of ours, which is no crawler's to remove."""
    if isinstance(one, Home) or getattr(one, "own", False):
        raise refused()


def demand_same(shape: Mapping[str, Any], result: Any) -> None:
    """Raises Refused, 409, where a patch would change anything of an entry of ours."""
    if not isinstance(result, dict) or result.keys() - shape.keys():
        raise refused()
    for name in {**shape, **result}:
        before, after = shape.get(name), result.get(name)
        if after != before and not _same(name, before, after):
            raise refused()


def _same(name: str, before: Any, after: Any) -> bool:
    """Whether the value says the same in another spelling, or less: aliases that we know beside others."""
    if name == "url":
        return isinstance(after, str) and normalized(after) == before
    if name == "aliases":
        texts = isinstance(after, list) and all(isinstance(one, str) for one in after)
        return after is None or (texts and {normalized(one) for one in after} <= set(before))
    if name == "publiccodeYml":
        return isinstance(after, str) and shareable(after) == before
    return name == "active" and after is None
