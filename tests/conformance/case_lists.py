"""Lists: envelope, size and its clamping, cursors, links, dates, order; and a walk over a whole list."""

import base64
import json
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from tables import MISSING, Case

LISTS = ("/software", "/publishers", "/catalogs", "/logs")
LONG = 99_999_999_999_999_999_999


def cursor(at: str, id: str) -> str:
    return base64.b64encode(json.dumps([at, id]).encode()).decode()


def _links(value):
    return isinstance(value, dict) and value.keys() == {"prev", "next"}


def _list(most):
    def rule(value):
        return isinstance(value, list) and len(value) <= most

    rule.__name__ = f"a list of at most {most}"
    return rule


def a_list(says, path, query, status=200, **more):
    return Case(f"{path}: {says}", "GET", f"{path}?{query}" if query else path, status, **more)


ENVELOPE = {"data": _list(25), "links": _links}
# What the published description of the interface gives as examples.
EXAMPLES = (
    "WyIyMDIyLTA2LTA3VDE0OjU2OjIzWiIsImFhYTEyMzQ1Il0=",
    "WyIyMDIyLTA2LTA3VDE0OjU2OjIzWiIsImJmZjEyMzQ1Il0=",
)
SIZES = {"an integer": "NOT_AN_INT", "at least 1": "0", "no negative number": "-3", "no fraction": "1.5"}
CURSORS = {
    "a cursor is base64": "NOT_A_VALID_CURSOR",
    "a cursor holds JSON": base64.b64encode(b"x").decode(),
    "a cursor holds a pair": base64.b64encode(b'["2022-06-07T14:56:23Z"]').decode(),
    "a cursor holds a time": cursor("yesterday", "aaa12345"),
}
CASES = [
    *(a_list("data and links", path, "", holds=ENVELOPE) for path in LISTS),
    *(a_list(f"the size is {says}", path, f"page[size]={size}", 422) for path in LISTS for says, size in SIZES.items()),
    *(a_list("two at a time", path, "page[size]=2", holds={"data": _list(2), "links": _links}) for path in LISTS),
    *(
        a_list(f"a size of {size} is clamped without a word", path, f"page[size]={size}", holds={"data": _list(100)})
        for path in LISTS
        for size in (101, 200, 10_000, LONG)
    ),
    *(
        a_list(f"{says}, {name}", path, f"{name}={quote(text)}", 422)
        for path in LISTS
        for name in ("page[after]", "page[before]")
        for says, text in CURSORS.items()
    ),
    *(
        a_list(f"the cursor of the description is taken as {name}", path, f"{name}={quote(text)}",
            holds={"links": _links})
        for path in LISTS
        for name in ("page[after]", "page[before]")
        for text in EXAMPLES
    ),
    *(
        a_list(f"{name} is no number", path, f"{name}=3", 422)
        for path in LISTS
        for name in ("from", "to")
    ),
    *(
        a_list(f"{name} is a time, seconds and UTC", path, f"{name}=2022-06-07T14:56:23Z", holds={"links": _links})
        for path in LISTS
        for name in ("from", "to")
    ),
    *(
        a_list(f"{name} is any time of RFC 3339: {text}", path, f"{name}={quote(text)}",
            holds={"links": _links})
        for path in LISTS
        for name in ("from", "to")
        for text in ("2022-06-07T14:56:23.123456789Z", "2022-06-07T14:56:23+02:00", "2022-06-07t14:56:23z")
    ),
    *(
        a_list(says, path, f"{name}={at}", holds={"data": [], "links": {"prev": None, "next": None}})
        for path in LISTS
        for says, name, at in (
            ("nothing is of the future", "from", "2999-01-01T00:00:00Z"),
            ("nothing is of a past long ago", "to", "1960-01-01T00:00:00Z"),
        )
    ),
    *(
        a_list("other parameters are passed over", path, "search=nothing-of-this&filter=x&unknown=1",
            holds={"links": _links})
        for path in ("/software", "/publishers", "/catalogs")
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_a_list(check, case):
    check(case)


def walk(server, path, query, name):
    """Every page from the first, or by `page[before]` from where nothing is behind."""
    pages, here = [], query
    while True:
        document = server.ask("GET", f"{path}?{urlencode(here)}").json()
        pages.append(document["data"])
        link = document["links"]["next" if name == "page[after]" else "prev"]
        if link is None:
            return pages
        assert link.startswith("?"), f"links are queries that begin with a question mark: {link}"
        here = parse_qsl(link[1:], keep_blank_values=True)
        assert len(pages) < 5_000, "the list has no end"


@pytest.mark.parametrize("path", ["/software", "/publishers", "/catalogs"])
def test_a_walk_meets_each_once_in_order_and_back_again(server, path):
    forth = [entry for page in walk(server, path, {"page[size]": "2"}, "page[after]") for entry in page]
    ids = [record["id"] for record in forth]
    assert len(ids) == len(set(ids))
    dates = [record["createdAt"] for record in forth]
    assert dates == sorted(dates), "the order is that of creation"
    last = cursor("2999-01-01T00:00:00Z", MISSING)
    back = walk(server, path, {"page[size]": "2", "page[before]": last}, "page[before]")
    assert [record["id"] for page in reversed(back) for record in page] == ids
