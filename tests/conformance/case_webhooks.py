"""Webhooks as resources: secrets that are never told again, addresses, patches. What they are sent is for the server's
own tests, which can listen."""

import pytest
from tables import MERGE, OPERATIONS, Case, broken, is_id, is_time

SECRET = "0123456789abcdef"


def posted(says, body, status=200, path="/software/webhooks", **more):
    return Case(f"post: {says}", "POST", path, status, body, level=3, **more)


CASES = [
    *(
        posted(f"an address is enough, at {path}", {"url": "{url}"}, path=path, lacks=("secret",),
               holds={"id": is_id, "url": "{url}", "createdAt": is_time, "updatedAt": is_time})
        for path in ("/software/webhooks", "/publishers/webhooks", "/software/{software}/webhooks",
                     "/publishers/{publisher}/webhooks")
    ),
    posted("a secret does not come back", {"url": "{url}", "secret": SECRET}, lacks=("secret",)),
    posted("a secret of 256 characters", {"url": "{url}", "secret": "x" * 256}),
    posted("a secret that is too short", {"url": "{url}", "secret": "tooshort"}, 422,
           holds={"validationErrors": broken("secret", "min")}),
    posted("a secret that is too long", {"url": "{url}", "secret": "x" * 257}, 422,
           holds={"validationErrors": broken("secret", "max")}),
    posted("an address is required", {}, 422, holds={"validationErrors": broken("url", "required")}),
    posted("a word is no address", {"url": "INVALID_URL"}, 422, holds={"validationErrors": broken("url", "url")}),
    *(
        posted(f"an address is normalized, at {path}", {"url": "https://www.conformance-w.example/{name}/"}, path=path,
               holds={"url": "https://conformance-w.example/{name}"})
        for path in ("/software/webhooks", "/publishers/{publisher}/webhooks")
    ),
    Case("one is shown without its secret", "GET", "/webhooks/{hook}", 200, level=3, lacks=("secret",),
         holds={"id": "{hook}", "url": "{hook_url}"}),
    *(
        Case(f"{says} takes a secret away", "PATCH", "/webhooks/{hook}", 200, body, type, level=3, newer=True,
             holds={"id": "{hook}", "url": "{hook_url}"}, lacks=("secret",))
        for says, body, type in (("null", {"secret": None}, MERGE),
                                 ("an operation", [{"op": "remove", "path": "/secret"}], OPERATIONS))
    ),
    Case("one is changed", "PATCH", "/webhooks/{hook}", 200, {"url": "https://www.conformance-w.example/{name}/"},
        MERGE,
         level=3, holds={"id": "{hook}", "url": "https://conformance-w.example/{name}"}, lacks=("secret",)),
    Case("a word is no address to change to", "PATCH", "/webhooks/{hook}", 422, {"url": "INVALID_URL"}, MERGE, level=3,
         holds={"validationErrors": broken("url", "url")}),
    Case("one is deleted", "DELETE", "/webhooks/{hook}", 204, level=3),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_webhooks(check, case):
    check(case)


def test_a_record_lists_its_own_webhooks(server, world):
    server.suits(3, False, True)
    path = f"/software/{world['software']}/webhooks"
    assert server.ask("GET", path).json() == {"data": [], "links": {"prev": None, "next": None}}
    made = server.make(path, {"url": world["url_own_hook"], "secret": SECRET})
    found = server.ask("GET", path)
    assert [record["id"] for record in found.json()["data"]] == [made["id"]] and SECRET not in found.text
