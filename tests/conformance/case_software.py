"""Software: what may be posted and what comes back, looking up by address, both kinds of patch, analyses."""

import pytest
from tables import JSON, MERGE, OPERATIONS, Case, broken, is_id, is_text, is_time

ONE = "/software/{software}"
ANALYSIS = "/software/{software}/analysis"


def posted(says, body, status=200, **more):
    return Case(f"post: {says}", "POST", "/software", status, body, **more)


def merged(says, body, status=200, **more):
    return Case(f"merge: {says}", "PATCH", ONE, status, body, MERGE, **more)


def operated(says, body, status=200, **more):
    return Case(f"operations: {says}", "PATCH", ONE, status, body, OPERATIONS, **more)


def analysed(says, body, status=200, **more):
    return Case(f"analysis: {says}", "PATCH", ANALYSIS, status, body, MERGE, **more)


CASES = [
    posted("address and file are enough", {"url": "{url}", "publiccodeYml": "-"},
           holds={"id": is_id, "url": "{url}", "aliases": [], "publiccodeYml": "-", "active": True, "vitality": None,
                  "createdAt": is_time, "updatedAt": is_time}, lacks=("catalogId",)),
    posted("aliases come back as a list", {"url": "{url}", "publiccodeYml": "-", "aliases": ["{url_1}", "{url_2}"]},
           holds={"aliases.0": is_text, "aliases.1": is_text}),
    posted("scheme, host, www, port, dots and the last slash are normalized",
           {"url": "HTTPS://WWW.conformance-n.example:443/{name}/./a/../b/", "publiccodeYml": "-"},
           holds={"url": "https://conformance-n.example/{name}/b"}),
    posted("aliases are normalized too", {"url": "{url}", "publiccodeYml": "-",
           "aliases": ["https://www.conformance-a.example/{name}/"]},
           holds={"aliases": ["https://conformance-a.example/{name}"]}),
    posted("vitality is any text", {"url": "{url}", "publiccodeYml": "-", "vitality": "90,90,x"},
           holds={"vitality": "90,90,x"}),
    posted("an empty vitality is none", {"url": "{url}", "publiccodeYml": "-", "vitality": ""}, 422, newer=True),
    posted("it may begin inactive", {"url": "{url}", "publiccodeYml": "-", "active": False}, holds={"active": False}),
    posted("the file is raw text", {"url": "{url}", "publiccodeYml": "name: Ünï\n# {{}}: [\n  - \"x\"\n"},
           holds={"publiccodeYml": is_text}),
    posted("null is as if it were not there", {"url": "{url}", "publiccodeYml": "-", "vitality": None, "active": None},
           holds={"vitality": None, "active": True}),
    posted("an address is required", {"publiccodeYml": "-"}, 422,
           holds={"detail": is_text, "validationErrors": broken("url", "required")}),
    posted("an empty address is none", {"url": "", "publiccodeYml": "-"}, 422,
           holds={"validationErrors": broken("url", "required", "url")}),
    posted("a file is required", {"url": "{url}"}, 422, holds={"validationErrors": broken("publiccodeYml",
        "required")}),
    posted("an empty file is none", {"url": "{url}", "publiccodeYml": ""}, 422,
           holds={"validationErrors": broken("publiccodeYml", "required")}),
    posted("a word is no address", {"url": "INVALID_URL", "publiccodeYml": "-"}, 422,
           holds={"validationErrors": broken("url", "url")}),
    posted("a word is no alias", {"url": "{url}", "publiccodeYml": "-", "aliases": ["INVALID_URL"]}, 422,
           holds={"validationErrors": broken("aliases", "url")}),
    posted("what is wrong is told at once", {"url": "INVALID_URL"}, 422,
           holds={"validationErrors.0.field": is_text, "validationErrors.1.field": is_text}),
    posted("an address of another type is malformed", {"url": 5, "publiccodeYml": "-"}, (400, 422)),
    posted("active is a truth", {"url": "{url}", "publiccodeYml": "-", "active": "yes"}, (400, 422)),
    posted("aliases are a list", {"url": "{url}", "publiccodeYml": "-", "aliases": "{url_1}"}, (400, 422)),
    posted("an analysis is not posted along", {"url": "{url}", "publiccodeYml": "-", "analysis": {"a": {"v": 1}}}, 422),
    posted("an identity is not chosen", {"id": "{missing}", "url": "{url}", "publiccodeYml": "-"}, 422),
    posted("dates are not chosen", {"createdAt": "2020-01-01T00:00:00Z", "url": "{url}", "publiccodeYml": "-"}, 422),
    posted("an address that is taken is a conflict", {"url": "{software_url}", "publiccodeYml": "-"}, 409, newer=True,
           holds={"detail": is_text}),
    posted("an alias that is somebody's address is a conflict", {"url": "{url}", "aliases": ["{software_url}"],
           "publiccodeYml": "-"}, 409, newer=True),
    posted("an address that is somebody's alias is a conflict", {"url": "{software_aliases_0}", "publiccodeYml": "-"},
        409,
           newer=True),
    posted("an address that something inactive has is a conflict", {"url": "{inactive_url}", "publiccodeYml": "-"}, 409,
           newer=True),
    posted("another spelling of a taken address is a conflict",
           {"url": "{software_url}/", "publiccodeYml": "-"}, 409, newer=True),

    Case("one is shown by its identity", "GET", ONE, 200, holds={
        "id": "{software}", "url": "{software_url}", "publiccodeYml": "-", "active": True, "vitality": "90,80",
        "createdAt": is_time, "updatedAt": is_time}),
    Case("one that is not active is shown by its identity", "GET", "/software/{inactive}", 200,
        holds={"active": False}),
    Case("it is found by its address", "GET", "/software?url={software_url}", 200,
         holds={"data.0.id": "{software}", "links": {"prev": None, "next": None}}),
    Case("it is found by its address in another spelling", "GET", "/software?url={software_url}/", 200,
         holds={"data.0.id": "{software}"}),
    Case("an address that nobody has finds nothing", "GET", "/software?url=https://conformance-no.example/x", 200,
         holds={"data": [], "links": {"prev": None, "next": None}}, level=1, token="none"),
    Case("what is not active is not found by its address", "GET", "/software?url={inactive_url}", 200,
        holds={"data": []}),
    Case("what is not active is found by its address among all", "GET", "/software?all=true&url={inactive_url}", 200,
         holds={"data.0.id": "{inactive}"}),

    merged("all members at once", {"publiccodeYml": "x", "url": "{url_new}", "aliases": ["{url_b}"], "active": False},
           holds={"id": "{software}", "publiccodeYml": "x", "url": "{url_new}", "aliases": ["{url_b}"], "active": False,
                  "vitality": "90,80"}),
    merged("aliases that are not named stay", {"publiccodeYml": "x"}, holds={"publiccodeYml": "x",
        "aliases.0": is_text}),
    merged("an empty list removes aliases", {"aliases": []}, holds={"aliases": []}),
    merged("null removes vitality", {"vitality": None}, holds={"vitality": None}),
    merged("vitality alone", {"vitality": "80,90"}, holds={"vitality": "80,90", "publiccodeYml": "-"}),
    merged("active alone", {"active": False}, holds={"active": False}),
    merged("nothing changes nothing", {}, holds={"url": "{software_url}", "publiccodeYml": "-"}),
    merged("addresses are normalized", {"url": "https://WWW.conformance-m.example/{name}/"},
           holds={"url": "https://conformance-m.example/{name}"}),
    merged("address and alias change places", {"url": "{software_aliases_0}", "aliases": ["{software_url}"]},
           holds={"url": "{software_aliases_0}", "aliases": ["{software_url}"]}),
    merged("aliases come back in order", {"aliases": ["https://conformance-b.example/{name}",
           "https://conformance-a.example/{name}"]},
           holds={"aliases": ["https://conformance-a.example/{name}", "https://conformance-b.example/{name}"]}),
    merged("a taken address is a conflict", {"url": "{second_url}"}, 409, holds={"detail": is_text}),
    merged("a taken alias is a conflict", {"aliases": ["{second_url}"]}, 409),
    merged("a word is no address", {"url": "INVALID_URL"}, 422, holds={"validationErrors": broken("url", "url")}),
    merged("an empty address is none", {"url": ""}, 422,
           holds={"validationErrors": broken("url", "url", "required")}),
    merged("an identity is not changed", {"id": "{missing}"}, 422),
    merged("a catalog is not changed", {"catalogId": "{missing}"}, 422),
    merged("a list is no patch", "[]", (400, 422)),
    Case("plain JSON is a merge too", "PATCH", ONE, 200, {"vitality": "1"}, JSON, holds={"vitality": "1"}),
    Case("a media type with a parameter means the same", "PATCH", ONE, 200,
         [{"op": "replace", "path": "/vitality", "value": "1"}], f"{OPERATIONS}; charset=utf-8",
         holds={"vitality": "1"}, newer=True),

    operated("replace", [{"op": "replace", "path": "/publiccodeYml", "value": "y"}], holds={"publiccodeYml": "y"}),
    operated("replace vitality", [{"op": "replace", "path": "/vitality", "value": "10,11"}],
        holds={"vitality": "10,11"}),
    operated("add to the aliases", [{"op": "add", "path": "/aliases/-", "value": "{url_c}"}],
             holds={"aliases.1": is_text}),
    operated("remove an alias", [{"op": "remove", "path": "/aliases/0"}], holds={"aliases": []}),
    operated("a test that holds", [{"op": "test", "path": "/active", "value": True},
             {"op": "replace", "path": "/active", "value": False}], holds={"active": False}),
    operated("a test that fails leaves all", [{"op": "replace", "path": "/active", "value": False},
             {"op": "test", "path": "/publiccodeYml", "value": "no"}], 422),
    operated("an object is no list of operations", {"publiccodeYml": "y"}, 400),
    operated("none at all", [], 422),
    operated("too many", [{"op": "replace", "path": "/active", "value": True}] * 101, 422),
    operated("a hundred are fine", [{"op": "replace", "path": "/active", "value": True}] * 100),
    operated("a path that is too long", [{"op": "replace", "path": "/" + "x" * 255, "value": True}], 422),
    operated("a member that is not there", [{"op": "remove", "path": "/nothing"}], 422),
    operated("an index that is not there", [{"op": "remove", "path": "/aliases/7"}], 422),
    operated("the result is checked", [{"op": "replace", "path": "/url", "value": "INVALID_URL"}], 422, newer=True),
    operated("the result has no member too many", [{"op": "add", "path": "/extra", "value": 1}], 422, newer=True),

    Case("analysis: none is an empty object", "GET", ANALYSIS, 200, holds={}, level=2),
    analysed("a namespace is dated", {"badges": {"v": 1, "score": 90}},
             holds={"badges.v": 1, "badges.score": 90, "badges.t": is_time}),
    analysed("each namespace of a body is dated", {"a": {"v": 1}, "b": {"v": 999, "deep": [{"x": None}]}},
             holds={"a.t": is_time, "b.t": is_time, "b.deep": [{"x": None}]}),
    analysed("a version is required", {"badges": {"score": 90}}, 422),
    analysed("a version is a whole number", {"badges": {"v": "1"}}, 422),
    analysed("a version is at least 1", {"badges": {"v": 0}}, 422),
    analysed("a version is at most 999", {"badges": {"v": 1000}}, 422),
    analysed("a namespace is an object", {"badges": 1}, 422),

    Case("delete answers without a word", "DELETE", ONE, 204),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_software(check, case):
    check(case)


def test_what_was_deleted_is_not_there_any_more_and_its_address_is_free(server, world):
    server.suits(2, False, True)
    body = {"url": world["software_url"], "publiccodeYml": "-"}
    assert server.ask("DELETE", f"/software/{world['software']}").status_code == 204
    assert server.ask("GET", f"/software/{world['software']}").status_code == 404
    assert server.ask("DELETE", f"/software/{world['software']}").status_code == 404
    assert server.ask("POST", "/software", body=body).status_code == 200


def test_a_conflict_names_what_has_the_address(server, world):
    server.suits(2, True, True)
    answer = server.ask("POST", "/software", body={"url": world["inactive_url"], "publiccodeYml": "-"})
    assert answer.status_code == 409 and world["inactive"] in answer.json()["detail"]


def test_namespaces_that_a_patch_does_not_name_stay_and_keep_their_date(server, world):
    server.suits(2, False, True)
    path = f"/software/{world['software']}/analysis"
    first = server.ask("PATCH", path, body={"a": {"v": 1, "n": 1}}).json()
    second = server.ask("PATCH", path, body={"b": {"v": 1}}).json()
    assert second["a"] == first["a"] and server.ask("GET", path).json() == second


def test_a_change_moves_the_date_of_the_change_alone(server, world):
    server.suits(2, False, True)
    before = server.ask("GET", f"/software/{world['software']}").json()
    after = server.ask("PATCH", f"/software/{world['software']}", body={"vitality": "5"}).json()
    assert after["createdAt"] == before["createdAt"] and after["updatedAt"] >= before["updatedAt"]
