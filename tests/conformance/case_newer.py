"""What the newer interface has beside: bundles, events and who did what, members that no patch changes, formats."""

import pytest
from tables import MERGE, OPERATIONS, Case, broken, is_id, is_text, is_time


def posted(says, body, status=200, **more):
    return Case(f"bundle: {says}", "POST", "/bundles", status, body, level=4, newer=True, **more)


def merged(says, body, status=200, **more):
    return Case(f"bundle: {says}", "PATCH", "/bundles/{bundle}", status, body, MERGE, level=4, newer=True, **more)


FIXED = {
    "id": "{missing}",
    "createdAt": "2020-01-01T00:00:00Z",
    "updatedAt": "2020-01-01T00:00:00Z",
    "catalogId": "{missing}",
}
CASES = [
    posted("a name and software", {"name": "{name}", "softwareIds": ["{software}", "{second}"]},
           holds={"id": is_id, "name": "{name}", "active": True, "softwareIds": ["{software}", "{second}"],
                  "createdAt": is_time, "updatedAt": is_time}, lacks=("description",)),
    posted("a description", {"name": "{name}", "description": "x", "softwareIds": ["{software}"], "active": False},
           holds={"description": "x", "active": False}),
    posted("a name is required", {"softwareIds": ["{software}"]}, 422, holds={"validationErrors": broken("name",
        "required")}),
    posted("software is required", {"name": "{name}"}, 422, holds={"validationErrors": broken("softwareIds",
        "required")}),
    posted("no software at all is too little", {"name": "{name}", "softwareIds": []}, 422),
    posted("software that is not there", {"name": "{name}", "softwareIds": ["{missing}"]}, (404, 422)),
    posted("a name that is taken is a conflict", {"name": "{bundle_name}", "softwareIds": ["{software}"]}, 409),
    Case("bundle: one is shown", "GET", "/bundles/{bundle}", 200, level=4, newer=True, holds={"id": "{bundle}"}),
    merged("other software", {"softwareIds": ["{second}"]}, holds={"softwareIds": ["{second}"]}),
    merged("a name", {"name": "{name}"}, holds={"name": "{name}", "softwareIds": ["{software}"]}),
    merged("no software at all is too little", {"softwareIds": []}, 422),
    *(
        Case(f"{op} {path}/{name} is refused", "PATCH", path, 422,
             [{"op": op, "path": f"/{name}", **({} if op == "remove" else {"value": value})}], OPERATIONS, newer=True)
        for path in ("/software/{software}", "/publishers/{publisher}")
        for name, value in FIXED.items()
        for op in ("replace", "add", "remove")
    ),
    *(
        Case(f"moving {path}/id away is refused", "PATCH", path, 422,
             [{"op": "move", "from": "/id", "path": "/vitality"}], OPERATIONS, newer=True)
        for path in ("/software/{software}",)
    ),
    *(
        Case(f"testing {path}/{name} is fine", "PATCH", path, 200,
             [{"op": "test", "path": f"/{name}", "value": value}], OPERATIONS, newer=True, holds={name: value})
        for path, name, value in (("/software/{software}", "id", "{software}"),
                                  ("/software/{software}", "createdAt", "{software_createdAt}"),
                                  ("/publishers/{publisher}", "id", "{publisher}"))
    ),
    Case("testing for another identity fails", "PATCH", "/software/{software}", 422,
         [{"op": "test", "path": "/id", "value": "{missing}"}], OPERATIONS, newer=True, holds={"detail": is_text}),
    Case("what a log is about is not changed", "PATCH", "/logs/{log}", 422,
         [{"op": "add", "path": "/entity", "value": "/software/{software}"}], OPERATIONS, level=4, newer=True,
         holds={"detail": is_text}),
    Case("a webhook in the form of a standard", "POST", "/software/webhooks", 200,
         {"url": "{url}", "format": "standard-webhooks", "secret": "0123456789abcdef"}, level=4, newer=True,
         holds={"format": "standard-webhooks"}),
    Case("a webhook in no form that is known", "POST", "/software/webhooks", 422, {"url": "{url}", "format": "x"},
        level=4,
         newer=True),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_the_newer_interface(check, case):
    check(case)


def test_a_bundle_whose_software_was_deleted_is_still_renamed(server, world):
    server.suits(4, True, True)
    bundle, software = world["bundle"], world["software"]
    assert server.ask("DELETE", f"/software/{software}").status_code == 204
    answer = server.ask("PATCH", f"/bundles/{bundle}", body={"name": world["name_again"]}, type=MERGE)
    assert answer.status_code == 200 and answer.json()["name"] == world["name_again"], answer.text


def test_events_tell_what_happened_the_newest_first_and_are_found(server, world):
    server.suits(4, True, True)
    software = world["software"]
    server.ask("PATCH", f"/software/{software}", body={"vitality": "1"})
    server.ask("DELETE", f"/software/{software}")

    def events(query):
        return server.ask("GET", f"/events?{query}").json()["data"]

    found = events(f"entityType=software&entityId={software}")
    assert [event["type"] for event in found] == ["delete", "update", "create"]
    assert {(event["entityType"], event["entityId"]) for event in found} == {("software", software)}
    assert [event["type"] for event in events(f"entityId={software}&type=update")] == ["update"]
    assert (
        events(f"entityId={software}&entityType=publishers") == []
        and events(f"entityId={software}&actor=nobody-of-this-name") == []
    )
    assert server.ask("GET", f"/events/{found[0]['id']}").json() == found[0]
    if actor := found[0].get("actor"):
        assert len(events(f"entityId={software}&actor={actor}")) == 3
