"""Publishers: what may be posted and what comes back, other identities, addresses of code, both kinds of patch."""

import pytest
from tables import MERGE, OPERATIONS, Case, broken, is_id, is_text, is_time

CODE = [{"url": "{url}"}]


def posted(says, body, status=200, **more):
    return Case(f"post: {says}", "POST", "/publishers", status, body, **more)


def merged(says, body, status=200, path="/publishers/{publisher}", **more):
    return Case(f"merge: {says}", "PATCH", path, status, body, MERGE, **more)


def operated(says, body, status=200, **more):
    return Case(f"operations: {says}", "PATCH", "/publishers/{publisher}", status, body, OPERATIONS, **more)


def hosting(url, rule):
    return posted(f"code is not hosted at {url or 'nothing'}", {"description": "{name}",
        "codeHosting": [{"url": url}]}, 422,
                  holds={"validationErrors": lambda value: any(error["rule"] in rule for error in value)})  # fmt: skip


CASES = [
    posted("name and code are enough", {"description": "{name}", "codeHosting": CODE},
           holds={"id": is_id, "description": "{name}", "active": True, "codeHosting.0.url": "{url}",
                  "codeHosting.0.group": True, "codeHosting.0.createdAt": is_time, "codeHosting.0.updatedAt": is_time,
                  "createdAt": is_time, "updatedAt": is_time}, lacks=("email", "alternativeId", "catalogId")),
    posted("an address of mail comes back in small letters", {"description": "{name}", "codeHosting": CODE,
           "email": "Office@Conformance.Example"}, holds={"email": "office@conformance.example"}),
    posted("another identity", {"description": "{name}", "codeHosting": CODE, "alternativeId": "{other}"},
           holds={"alternativeId": "{other}"}),
    posted("it may begin inactive", {"description": "{name}", "codeHosting": CODE, "active": False},
        holds={"active": False}),
    posted("one repository, no group", {"description": "{name}", "codeHosting": [{"url": "{url}", "group": False}]},
           holds={"codeHosting.0.group": False}),
    posted("addresses of code are normalized", {"description": "{name}",
           "codeHosting": [{"url": "https://WwW.conformance-p.example/{name}/"}]},
           holds={"codeHosting.0.url": "https://conformance-p.example/{name}"}),
    posted("the same address of mail twice is fine", {"description": "{name}", "codeHosting": CODE,
           "email": "{publisher_email}"}),
    posted("null is as if it were not there", {"description": "{name}", "codeHosting": CODE, "email": None},
           lacks=("email",)),
    posted("an empty address of mail is none", {"description": "{name}", "codeHosting": CODE, "email": ""}, 422,
           holds={"validationErrors": broken("email", "email")}),
    posted("a word is no address of mail", {"description": "{name}", "codeHosting": CODE, "email": "word"}, 422,
           holds={"validationErrors": broken("email", "email")}),
    posted("a name is required", {"codeHosting": CODE}, 422, holds={"validationErrors": broken("description",
        "required")}),
    posted("an empty name is none", {"description": "", "codeHosting": CODE}, 422,
           holds={"validationErrors": broken("description", "required")}),
    posted("code is required", {"description": "{name}"}, 422, holds={"validationErrors": broken("codeHosting",
        "required")}),
    posted("no code at all is too little", {"description": "{name}", "codeHosting": []}, 422,
           holds={"validationErrors": broken("codeHosting", "gt")}),
    posted("an empty other identity is none", {"description": "{name}", "codeHosting": CODE, "alternativeId": ""}, 422,
           holds={"validationErrors": broken("alternativeId", "min")}),
    posted("an other identity that is too long", {"description": "{name}", "codeHosting": CODE,
        "alternativeId": "x" * 256},
           422, holds={"validationErrors": broken("alternativeId", "max")}),
    posted("what is wrong is told at once", {"codeHosting": [{"url": "a"}], "email": "b"}, 422,
           holds={"validationErrors.2.field": is_text}),
    hosting("a", ("http_url",)),
    hosting("", ("required", "http_url")),
    hosting("ssh://git.conformance.example/x", ("http_url",)),
    hosting("https://127.0.0.1/x", ("code_hosting_url",)),
    hosting("https://[::1]/x", ("code_hosting_url",)),
    hosting("https://localhost/x", ("code_hosting_url",)),
    posted("a name that is taken is a conflict", {"description": "{publisher_description}", "codeHosting": CODE}, 409,
           holds={"detail": is_text}),
    posted("an other identity that is taken is a conflict", {"description": "{name}", "codeHosting": CODE,
           "alternativeId": "{publisher_alternativeId}"}, 409),
    posted("an other identity that is somebody's identity is a conflict", {"description": "{name}", "codeHosting": CODE,
           "alternativeId": "{publisher}"}, 409),
    posted("an address of code that is taken is a conflict", {"description": "{name}",
           "codeHosting": [{"url": "{publisher_codeHosting_url}/"}]}, 409),

    Case("one is shown by its identity", "GET", "/publishers/{publisher}", 200,
         holds={"id": "{publisher}", "alternativeId": "{publisher_alternativeId}"}),
    Case("one is shown by its other identity", "GET", "/publishers/{publisher_alternativeId}", 200,
         holds={"id": "{publisher}"}),

    merged("name and code", {"description": "{name}", "codeHosting": CODE},
           holds={"id": "{publisher}", "description": "{name}", "codeHosting.0.url": "{url}",
                  "alternativeId": "{publisher_alternativeId}"}),
    merged("code that is not named stays", {"description": "{name}"},
           holds={"codeHosting.0.url": "{publisher_codeHosting_url}"}),
    merged("by its other identity", {"description": "{name}"}, path="/publishers/{publisher_alternativeId}",
           holds={"id": "{publisher}", "description": "{name}"}),
    merged("null removes an address of mail", {"email": None}, lacks=("email",), newer=True),
    merged("code comes back in order", {"codeHosting": [{"url": "https://conformance-b.example/{name}"},
           {"url": "https://conformance-a.example/{name}"}]},
           holds={"codeHosting.0.url": "https://conformance-a.example/{name}"}),
    merged("inactive", {"active": False}, holds={"active": False}),
    merged("nothing changes nothing", {}, holds={"description": "{publisher_description}"}),
    merged("no code at all is too little", {"codeHosting": []}, 422, holds={"validationErrors": broken("codeHosting",
        "gt")}),
    merged("a word is no address of code", {"codeHosting": [{"url": "INVALID_URL"}]}, 422,
           holds={"validationErrors": broken("url", "http_url")}),
    merged("a taken name is a conflict", {"description": "{neighbor_description}"}, 409),
    merged("a taken other identity is a conflict", {"alternativeId": "{neighbor_alternativeId}"}, 409),
    merged("somebody's identity as the other one is a conflict", {"alternativeId": "{neighbor}"}, 409),
    merged("a taken address of code is a conflict", {"codeHosting": [{"url": "{neighbor_codeHosting_url}"}]}, 409),
    merged("an identity is not changed", {"id": "{missing}"}, 422),

    operated("replace", [{"op": "replace", "path": "/description", "value": "{name}"}],
        holds={"description": "{name}"}),
    operated("add code", [{"op": "add", "path": "/codeHosting/-", "value": {"url": "{url}", "group": False}}],
             holds={"codeHosting.1.url": is_text}),
    operated("an object is no list of operations", {"description": "x"}, 400),
    operated("none at all", [], 422),
    operated("the last code is not removed", [{"op": "remove", "path": "/codeHosting/0"}], 422, newer=True),
    operated("a name is not removed", [{"op": "remove", "path": "/description"}], 422, newer=True),

    Case("delete by identity", "DELETE", "/publishers/{publisher}", 204),
    Case("delete by the other identity", "DELETE", "/publishers/{publisher_alternativeId}", 204),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_publishers(check, case):
    check(case)


def test_what_was_deleted_leaves_its_name_and_its_code_to_others(server, world):
    server.suits(2, False, True)
    key, body = (
        world["publisher"],
        {"description": world["publisher_description"], "codeHosting": [{"url": world["url_publisher"]}]},
    )
    assert server.ask("DELETE", f"/publishers/{key}").status_code == 204
    assert server.ask("GET", f"/publishers/{key}").status_code == 404
    assert server.ask("POST", "/publishers", body=body).status_code == 200
