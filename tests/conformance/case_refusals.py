"""What every address refuses: what is not there, other methods; and answers without a list or an entry."""

import pytest
from tables import MISSING, Case, is_text

ABSENT = (
    *(f"/{kind}/{MISSING}" for kind in ("software", "publishers", "logs", "catalogs")),
    *("/software/NO_SUCH_SOFTWARE", "/publishers/NO_SUCH_PUBLISHER", "/catalogs/nonexistent", "/logs/NO_SUCH_LOG"),
    *(f"/software/{MISSING}/analysis", f"/software/{MISSING}/logs"),
)
CASES = [
    *(
        Case(f"GET {path} is not there", "GET", path, 404, holds={"title": is_text, "detail": is_text})
        for path in ABSENT
    ),
    *(
        Case(f"{method} {path} is no method", method, path, 405)
        for method, path in (("PUT", "/software"), ("DELETE", "/software"), ("PATCH", "/publishers"),
                             ("POST", f"/software/{MISSING}"), ("PUT", f"/catalogs/{MISSING}"), ("POST", "/status"))
    ),
    *(
        Case(f"{method}: an unknown address names method and path", method, "/no/such/address", 404,
             holds={"detail": lambda text, method=method: method in text and "/no/such/address" in text})
        for method in ("GET", "POST")
    ),
    Case("the status has no body", "GET", "/status", 204),
    *(Case(f"HEAD {path}", "HEAD", path, 200) for path in ("/software", "/publishers", "/catalogs", "/logs")),
    Case("an address that nobody has finds nothing", "GET", "/software?url=https://conformance-no.example/x", 200,
         holds={"data": [], "links": {"prev": None, "next": None}}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_a_refusal(check, case):
    check(case)


def test_a_method_that_an_address_has_not_tells_those_that_it_has(server):
    answer = server.ask("PUT", "/software")
    assert answer.status_code == 405 and "GET" in answer.headers["allow"]


def test_answers_may_be_kept_for_seconds_and_the_status_never(server):
    assert "max-age=" in server.ask("GET", "/software").headers["cache-control"]
    assert "max-age" not in server.ask("GET", "/status").headers.get("cache-control", "no-store")


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_it_tells_that_it_lives_and_is_ready(server, path):
    answer = server.http.get(server.base_url.removesuffix("/v1") + path)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain"), answer.text
