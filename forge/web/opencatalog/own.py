"""Entries of the catalogue's own in the Open Catalog API, which no crawler changes: a patch that says what they say
already is fine, another is refused with the reason. It reads and writes nothing.
"""

from collections.abc import Mapping
from typing import Any

from catalog.document.rules import repository_key
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
        if after != before and not _same(name, shape, after):
            raise refused()


def _same(name: str, shape: Mapping[str, Any], after: Any) -> bool:
    """Whether a value says the same in another spelling, or less: an address of the same repository, some aliases."""
    if name == "url":
        return isinstance(after, str) and _key(after) == _key(shape["url"])
    if name == "aliases":
        texts = isinstance(after, list) and all(isinstance(one, str) for one in after)
        return after is None or (texts and set(map(_key, after)) <= set(map(_key, [shape["url"], *shape["aliases"]])))
    if name == "publiccodeYml":
        return isinstance(after, str) and shape[name] is not None and shareable(after) == shape[name]
    return name == "active" and after is None


def _key(url: str) -> str:
    return repository_key(normalized(url))
