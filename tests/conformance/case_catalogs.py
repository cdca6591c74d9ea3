"""Catalogs: sources, scopes, the root, what belongs to one, and deleting one that holds something."""

import pytest
from tables import MERGE, Case, broken, is_id, is_text, is_time

SOURCES = [{"url": "{url}"}]
ROOT = "%E2%88%85"


def posted(says, body, status=200, **more):
    return Case(f"post: {says}", "POST", "/catalogs", status, body, level=3, **more)


def asked(says, method, path, status=200, body=None, **more):
    return Case(says, method, path, status, body, MERGE if method == "PATCH" else "application/json", level=3, **more)


def merged(says, body, status=200, **more):
    return asked(f"merge: {says}", "PATCH", "/catalogs/{catalog}", status, body, **more)


def belongs(body, noun, made, rootless):
    """What may be posted into a catalog, found in it and changed there; `rootless` is in none."""
    place = f"/catalogs/{{catalog}}/{noun}"
    return [
        asked(f"{noun}: posted into a catalog", "POST", place, 200, body, holds={"catalogId": "{catalog}",
            "id": is_id}),
        asked(f"{noun}: posted into a catalog by its other identity", "POST",
            f"/catalogs/{{catalog_alternativeId}}/{noun}", 200,
              body, holds={"catalogId": "{catalog}"}),
        asked(f"{noun}: posted into the root it has no catalog", "POST", f"/catalogs/{ROOT}/{noun}", 200, body,
              lacks=("catalogId",)),
        asked(f"{noun}: the list of a catalog", "GET", f"{place}?unused={{{made}}}",
            holds={"data.0.id": f"{{{made}}}"}),
        asked(f"{noun}: the list of another is empty", "GET", f"/catalogs/{{empty}}/{noun}?unused={{{made}}}",
              holds={"data": [], "links": {"prev": None, "next": None}}),
        asked(f"{noun}: the list of the root", "GET", f"/catalogs/{ROOT}/{noun}",
              holds={"data": lambda value: all("catalogId" not in entry for entry in value)}),
        asked(f"{noun}: of another catalog it is not there", "PATCH", f"/catalogs/{{empty}}/{noun}/{{{made}}}", 404,
            {"active": True}),
        asked(f"{noun}: of the root it is not there", "PATCH", f"/catalogs/{ROOT}/{noun}/{{{made}}}", 404,
            {"active": True}),
        asked(f"{noun}: changed in its catalog", "PATCH", f"{place}/{{{made}}}", 200, {"active": False},
              holds={"id": f"{{{made}}}", "active": False, "catalogId": "{catalog}"}),
        asked(f"{noun}: changed in its catalog by its other identity", "PATCH",
            f"/catalogs/{{catalog_alternativeId}}/{noun}/{{{made}}}", 200, {"active": False}, holds={"active": False}),
        asked(f"{noun}: changed in the root", "PATCH", f"/catalogs/{ROOT}/{noun}/{{{rootless}}}", 200,
              {"active": False}, holds={"id": f"{{{rootless}}}", "active": False}, lacks=("catalogId",)),
        asked(f"{noun}: the list of a catalog by its other identity", "GET",
            f"/catalogs/{{catalog_alternativeId}}/{noun}?unused={{{made}}}", holds={"data.0.id": f"{{{made}}}"}),
    ]  # fmt: skip


CASES = [
    posted("name and sources are enough", {"name": "{name}", "sources": SOURCES},
           holds={"id": is_id, "name": "{name}", "active": True, "sources.0.url": "{url}", "createdAt": is_time,
                  "updatedAt": is_time}, lacks=("alternativeId",)),
    posted("another identity", {"name": "{name}", "alternativeId": "{other}", "sources": SOURCES},
           holds={"alternativeId": "{other}"}),
    posted("all members", {"name": "{name}", "active": False, "publishersNamespace": "urn:x-test:",
           "scopes": ["m49:150", "iso3166:IT", "IT-25"],
           "sources": [{"url": "{url}", "driver": "json", "args": ["$.data[*].url"]}]},
           holds={"active": False, "publishersNamespace": "urn:x-test:", "scopes": ["m49:150", "iso3166:IT", "IT-25"],
                  "sources.0.driver": "json", "sources.0.args": ["$.data[*].url"]}),
    posted("a name is required", {"sources": SOURCES}, 422, holds={"validationErrors": broken("name", "required")}),
    posted("sources are required", {"name": "{name}"}, 422, holds={"detail": is_text}),
    posted("no source at all is too little", {"name": "{name}", "sources": []}, 422),
    posted("a source has an address", {"name": "{name}", "sources": [{"driver": "github"}]}, 422),
    posted("a source has a real address", {"name": "{name}", "sources": [{"url": "INVALID_URL"}]}, 422),
    posted("a source has no member too many", {"name": "{name}", "sources": [{"url": "{url}", "x": 1}]}, 422),
    posted("an empty scope is none", {"name": "{name}", "scopes": [""], "sources": SOURCES}, 422,
           holds={"validationErrors": broken("scopes", "min")}),
    posted("a scope that is too long", {"name": "{name}", "scopes": ["x" * 65], "sources": SOURCES}, 422,
           holds={"validationErrors": broken("scopes", "max")}),
    posted("too many scopes", {"name": "{name}", "scopes": ["x"] * 21, "sources": SOURCES}, 422,
           holds={"validationErrors": broken("scopes", "max")}),
    posted("an other identity that is taken is a conflict", {"name": "{name}",
        "alternativeId": "{catalog_alternativeId}",
           "sources": SOURCES}, 409, holds={"detail": is_text}),
    posted("the root holds no sources", {"name": "{name}", "alternativeId": "\u2205", "sources": SOURCES}, 422),

    asked("one is shown by its identity", "GET", "/catalogs/{catalog}", holds={"id": "{catalog}"}),
    asked("one is shown by its other identity", "GET", "/catalogs/{catalog_alternativeId}", holds={"id": "{catalog}"}),
    asked("the root is implicit, or tells of itself", "GET", f"/catalogs/{ROOT}", (200, 404)),
    asked("the root is implicit, or nobody's to change", "PATCH", f"/catalogs/{ROOT}", (404, 409), {"name": "x"}),
    asked("the root is not deleted while it holds something", "DELETE", f"/catalogs/{ROOT}?unused={{software}}", (404,
        409)),

    merged("a name", {"name": "x"}, holds={"name": "x", "id": "{catalog}", "sources.0.url": is_text}),
    merged("sources", {"sources": [{"url": "{url}"}]}, holds={"sources.0.url": "{url}"}),
    merged("null removes the other identity", {"alternativeId": None}, lacks=("alternativeId",)),
    merged("no source at all is too little", {"sources": []}, 422),
    merged("an identity is not changed", {"id": "{missing}"}, 422),
    asked("operations on a catalog", "PATCH", "/catalogs/{catalog}", (200, 400),
          [{"op": "replace", "path": "/name", "value": "y"}]),

    *belongs({"url": "{url}", "publiccodeYml": "-"}, "software", "held", "software"),
    *belongs({"description": "{name}", "codeHosting": [{"url": "{url}"}]}, "publishers", "heldpublisher", "publisher"),
    asked("the software of a catalog is found by its address there", "GET",
        "/catalogs/{catalog}/software?url={held_url}",
          holds={"data.0.id": "{held}"}),
    asked("what is not active is not found by its address in the root", "GET",
        f"/catalogs/{ROOT}/software?url={{inactive_url}}", holds={"data": []}),
    asked("and not in another one", "GET", "/catalogs/{empty}/software?url={held_url}", holds={"data": []}),
    asked("and in the list of all", "GET", "/software?url={held_url}", holds={"data.0.catalogId": "{catalog}"}),

    asked("analysis: none is an empty object", "GET", "/catalogs/{catalog}/analysis"),
    asked("analysis: a namespace is dated", "PATCH", "/catalogs/{catalog_alternativeId}/analysis", 200,
          {"badges": {"v": 1, "score": 10}}, holds={"badges.score": 10, "badges.t": is_time}),
    asked("analysis: each namespace of a body is dated", "PATCH", "/catalogs/{catalog}/analysis", 200,
          {"badges": {"v": 1}, "maxima": {"v": 1, "stars": 4}}, holds={"badges.t": is_time, "maxima.t": is_time}),
    asked("analysis: the root is implicit, or has one", "GET", f"/catalogs/{ROOT}/analysis", (200, 404)),
    asked("analysis: the root is implicit, or asks for a version", "PATCH", f"/catalogs/{ROOT}/analysis", (404, 422),
          {"badges": {"score": 1}}),
    asked("analysis: a version is required", "PATCH", "/catalogs/{catalog}/analysis", 422, {"badges": {"score": 1}}),

    asked("one that holds software is not deleted", "DELETE", "/catalogs/{catalog}?unused={held}", 409,
        holds={"detail": is_text}),
    asked("one that holds a publisher is not deleted", "DELETE", "/catalogs/{catalog}?unused={heldpublisher}", 409),
    asked("an empty one is deleted", "DELETE", "/catalogs/{empty}", 204),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_catalogs(check, case):
    check(case)
