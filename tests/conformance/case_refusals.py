"""What every address refuses: writing without a token, bodies that are none, what is not there, other methods."""

import pytest
from tables import JSON, MERGE, Case, is_text

# What may be posted or patched, each with a body that is fine.
POSTED = {
    "/software": (2, {"url": "{url}", "publiccodeYml": "-"}),
    "/publishers": (2, {"description": "{name}", "codeHosting": [{"url": "{url}"}]}),
    "/logs": (2, {"message": "a message"}),
    "/software/{software}/logs": (2, {"message": "a message"}),
    "/catalogs": (3, {"name": "{name}", "sources": [{"url": "{url}"}]}),
    "/catalogs/{catalog}/software": (3, {"url": "{url}", "publiccodeYml": "-"}),
    "/catalogs/{catalog}/publishers": (3, {"description": "{name}", "codeHosting": [{"url": "{url}"}]}),
    "/catalogs/{catalog}/logs": (3, {"message": "a message"}),
    "/software/webhooks": (3, {"url": "{url}"}),
    "/software/{software}/webhooks": (3, {"url": "{url}"}),
    "/publishers/webhooks": (3, {"url": "{url}"}),
    "/publishers/{publisher}/webhooks": (3, {"url": "{url}"}),
    "/bundles": (4, {"name": "{name}", "softwareIds": ["{software}"]}),
}
PATCHED = {
    "/software/{software}": (2, {"publiccodeYml": "x"}),
    "/publishers/{publisher}": (2, {"description": "{name}"}),
    "/logs/{log}": (2, {"message": "another"}),
    "/catalogs/{catalog}": (3, {"name": "x"}),
    "/catalogs/{catalog}/software/{held}": (3, {"publiccodeYml": "x"}),
    "/catalogs/{catalog}/publishers/{heldpublisher}": (3, {"description": "{name}"}),
    "/webhooks/{hook}": (3, {"url": "{url}"}),
    "/bundles/{bundle}": (4, {"name": "{name}"}),
}
ANALYSES = {"/software/{software}/analysis": 2, "/catalogs/{catalog}/analysis": 3}
REMOVED = {"/software/{software}": 2, "/publishers/{publisher}": 2, "/logs/{log}": 2, "/catalogs/{empty}": 3,
           "/webhooks/{hook}": 3, "/bundles/{bundle}": 4}  # fmt: skip
WRITING = [
    *(("POST", path, level, body) for path, (level, body) in POSTED.items()),
    *(("PATCH", path, level, body) for path, (level, body) in PATCHED.items()),
    *(("PATCH", path, level, {"x": {"v": 1}}) for path, level in ANALYSES.items()),
    *(("DELETE", path, level, None) for path, level in REMOVED.items()),
]
BODIES = {"empty": "", "no JSON": "INVALID_JSON", "half of one": '{"url": ', "two values": '{} {"x": 1}'}
MISSING = [
    *(("GET", path, level) for path, level in {
        "/software/{missing}": 1, "/publishers/{missing}": 1, "/logs/{missing}": 1, "/catalogs/{missing}": 1,
        "/software/{missing}/analysis": 1, "/software/{missing}/logs": 1, "/catalogs/{missing}/analysis": 3,
        "/catalogs/{missing}/software": 3, "/catalogs/{missing}/publishers": 3, "/software/{missing}/webhooks": 3,
        "/publishers/{missing}/webhooks": 3, "/webhooks/{missing}": 3, "/bundles/{missing}": 4, "/events/{missing}": 4,
        "/software/NO_SUCH_SOFTWARE": 1, "/publishers/NO_SUCH_PUBLISHER": 1, "/catalogs/nonexistent": 1,
        "/logs/NO_SUCH_LOG": 1, "/webhooks/NO_SUCH_WEBHOOK": 3,
    }.items()),
    *(("PATCH", path, 2) for path in ("/software/{missing}", "/publishers/{missing}", "/logs/{missing}",
                                      "/software/{missing}/analysis", "/software/NO_SUCH_SOFTWARE",
                                      "/publishers/NO_SUCH_PUBLISHER")),
    *(("PATCH", path, 3) for path in ("/catalogs/{missing}", "/webhooks/{missing}", "/catalogs/{missing}/analysis",
                                      "/catalogs/{missing}/software/{held}", "/catalogs/{catalog}/software/{missing}",
                                      "/catalogs/{catalog}/publishers/{missing}")),
    *(("DELETE", path, 2) for path in ("/software/{missing}", "/publishers/{missing}", "/logs/{missing}")),
    *(("DELETE", path, 3) for path in ("/catalogs/{missing}", "/webhooks/{missing}", "/webhooks/NO_SUCH_WEBHOOK")),
    *(("POST", path, 2) for path in ("/software/{missing}/logs", "/software/NO_SUCH_SOFTWARE/logs")),
    *(("POST", path, 3) for path in ("/catalogs/{missing}/logs", "/catalogs/{missing}/software",
                                     "/catalogs/{missing}/publishers", "/software/{missing}/webhooks",
                                     "/publishers/{missing}/webhooks")),
]  # fmt: skip
FINE = {
    "software": {"url": "{url}", "publiccodeYml": "-"},
    "publishers": {"description": "{name}", "codeHosting": [{"url": "{url}"}]},
    "logs": {"message": "a message"},
    "webhooks": {"url": "{url}"},
    "analysis": {"x": {"v": 1}},
}


def body_for(method, path):
    place = next((part for part in reversed(path.split("/")) if part in FINE), None)
    return FINE.get(place or "", {"name": "x"}) if method in ("POST", "PATCH") else None


CASES = [
    *(
        Case(f"{method} {path} with {token} token", method, path, 401, body, MERGE if method == "PATCH" else JSON,
             token=token, level=level, holds={"title": is_text, "status": 401}, lacks=("validationErrors",))
        for method, path, level, body in WRITING
        for token in ("no", "wrong")
    ),
    *(
        Case(f"{method} {path} with a body that is {says}", method, path, 400, body, level=level)
        for method, path, level, _ in WRITING
        if method == "POST" or (method == "PATCH" and path not in ANALYSES)
        for says, body in BODIES.items()
    ),
    *(
        Case(f"PATCH {path} with a body that is {says}", "PATCH", path, (400, 422), body, level=level)
        for path, level in ANALYSES.items()
        for says, body in BODIES.items()
    ),
    *(
        Case(f"{method} {path} with an unknown member", method, path, 422, body | {"EXTRA_FIELD": "x"}, level=level,
             holds={"detail": is_text})
        for method, path, level, body in WRITING
        if body is not None and path not in ANALYSES
    ),
    *(
        Case(f"{method} {path} is fine", method, path, 204 if method == "DELETE" else 200, body, level=level)
        for method, path, level, body in WRITING
    ),
    *(
        Case(f"{method} {path} is not there", method, path, 404, body_for(method, path), level=level,
             token="none" if method == "GET" and level < 3 else "right", holds={"title": is_text, "detail": is_text})
        for method, path, level in MISSING
    ),
    *(
        Case(f"{method} {path} is no method", method, path, 405, token="right", level=1, newer=True)
        for method, path in (("PUT", "/software"), ("DELETE", "/software"), ("PATCH", "/publishers"),
                             ("POST", "/software/{missing}"), ("PUT", "/catalogs/{missing}"), ("POST", "/status"),
                             ("PATCH", "/software/webhooks"), ("DELETE", "/publishers/webhooks"))
    ),
    Case("an unknown address names method and path", "GET", "/no/such/address", 404, level=1, token="none",
         holds={"detail": lambda text: "GET" in text and "/no/such/address" in text}),
    Case("an unknown address has no methods either", "POST", "/no/such/address", 404, level=1, token="right",
         holds={"detail": lambda text: "POST" in text and "/no/such/address" in text}),
    Case("the status has no body", "GET", "/status", 204, level=1, token="none"),
    *(
        Case(f"HEAD {path} takes no token", "HEAD", path, 200, level=1, newer=True, token="none")
        for path in ("/software", "/publishers", "/catalogs", "/logs")
    ),
    *(
        Case(f"GET {path} takes a token", "GET", path, 401, level=level, newer=True, token=token)
        for path, level in (("/software/webhooks", 3), ("/publishers/webhooks", 3), ("/events", 4),
                            ("/webhooks/{missing}", 3), ("/events/{missing}", 4))
        for token in ("none", "wrong")
    ),
]  # fmt: skip
CASES = [case if case.token != "no" else Case(**{**vars(case), "token": "none"}) for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_a_refusal(check, case):
    check(case)


def test_a_method_that_an_address_has_not_tells_those_that_it_has(server):
    server.suits(1, True, False)
    answer = server.ask("PUT", "/software")
    assert answer.status_code == 405 and "GET" in answer.headers["allow"] and "POST" in answer.headers["allow"]


def test_answers_may_be_kept_for_seconds_and_the_status_never(server):
    server.suits(1, False, False)
    assert "max-age=" in server.ask("GET", "/software", token="none").headers["cache-control"]
    assert "max-age" not in server.ask("GET", "/status", token="none").headers.get("cache-control", "no-store")


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_it_tells_that_it_lives_and_is_ready(server, path):
    answer = server.http.get(server.base_url.removesuffix("/v1") + path)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain"), answer.text
