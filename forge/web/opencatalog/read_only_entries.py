"""The catalogue's own entries in the Open Catalog API, which no crawler changes: a patch that changes nothing is
accepted, another is refused with the reason.

Values that a crawler read in the entry's repository are passed over: we read the repository ourselves.
"""

from collections.abc import Mapping
from typing import Any

from catalog.rules.open_catalog import normalized_url
from catalog.store.opencatalog.own_entries import OwnCatalog
from catalog.text_rules import repository_key
from forge.observe.publiccode.shareable import without_persons
from forge.web.opencatalog.problems import Refused

CODE = "own-entry"
READ = ("url", "aliases", "publiccodeYml")  # what a crawler sends of a repository, at each of its runs


def refused() -> Refused:
    return Refused(
        409,
        "This is an entry of the catalogue's own: what people said of it is changed on its page, not by a crawler.",
        code=CODE,
    )


def is_own(entry: Any) -> bool:
    return isinstance(entry, OwnCatalog) or getattr(entry, "own", False)


def demand_posted(entry: Any) -> None:
    """Raises Refused, 409, for an entry of ours, which is no crawler's to remove."""
    if is_own(entry):
        raise refused()


def demand_same(shape: Mapping[str, Any], result: Any) -> None:
    """Raises Refused, 409, where a patch would change anything of an entry of ours."""
    if not isinstance(result, dict) or result.keys() - shape.keys():
        raise refused()
    for name in {**shape, **result}:
        before, after = shape.get(name), result.get(name)
        if after != before and not _same(name, shape, after):
            raise refused()


def without_crawled_values(shape: Mapping[str, Any], given: Any, result: Any) -> Any:
    """The result of a merge, `given`, without what a crawler read in the repository of an entry of ours.

    https://github.com/italia/publiccode-crawler sends address, aliases and file of each entry at each run, the file
    written anew and so never ours. It asks only whether that failed: with a 409, each of its runs ended with one error
    an entry. A merge that names the entry's repository, as its address or, where that moved, as an alias, is of this
    sort; one that does not is somebody's wish.
    """
    if not isinstance(given, dict) or not isinstance(result, dict):
        return result
    known = set(map(_key, [shape["url"], *shape["aliases"]]))
    named = {_key(url) for url in (given.get("url"), *(given.get("aliases") or ())) if isinstance(url, str)}
    return {**result, **{name: shape[name] for name in READ}} if "url" in given and named & known else result


def _same(name: str, shape: Mapping[str, Any], after: Any) -> bool:
    """Whether a value says the same in another spelling, or less: an address of the same repository, some aliases."""
    if name == "url":
        return isinstance(after, str) and _key(after) == _key(shape["url"])
    if name == "aliases":
        texts = isinstance(after, list) and all(isinstance(text, str) for text in after)
        return after is None or (texts and set(map(_key, after)) <= set(map(_key, [shape["url"], *shape["aliases"]])))
    if name == "publiccodeYml":
        return isinstance(after, str) and shape[name] is not None and without_persons(after) == shape[name]
    return name == "active" and after is None


def _key(url: str) -> str:
    return repository_key(normalized_url(url))
