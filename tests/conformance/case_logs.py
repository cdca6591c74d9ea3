"""Logs: of everything, of software and of catalogs; and finding them by their words."""

import pytest
from tables import Case, broken, is_id, is_text, is_time

MESSAGE = {"message": "about {name}"}


def posted(says, path, body, status=200, **more):
    return Case(says, "POST", path, status, body, **more)


CASES = [
    posted("a message is enough", "/logs", MESSAGE, lacks=("entity",),
           holds={"id": is_id, "message": "about {name}", "createdAt": is_time, "updatedAt": is_time}),
    posted("of software it names it", "/software/{software}/logs", MESSAGE, holds={"entity": "/software/{software}"}),
    posted("of a catalog it names it", "/catalogs/{catalog}/logs", MESSAGE, level=3, holds={"entity": is_text}),
    posted("of a catalog by its other identity", "/catalogs/{catalog_alternativeId}/logs", MESSAGE, level=3,
           holds={"entity": "/catalogs/{catalog}"}),
    posted("of the root it names nothing", "/catalogs/{root}/logs", MESSAGE, level=3, lacks=("entity",)),
    posted("a message is required", "/logs", {}, 422, holds={"validationErrors": broken("message", "required")}),
    posted("an empty message is none", "/logs", {"message": ""}, 422,
           holds={"validationErrors": broken("message", "required")}),
    posted("an empty message about software is none", "/software/{software}/logs", {"message": ""}, 422),
    posted("a message that is too long", "/logs", {"message": "x" * 2049}, 422, newer=True),
    posted("a message of two thousand characters", "/logs", {"message": "é" * 2048}),
    Case("one is shown", "GET", "/logs/{log}", 200, holds={"id": "{log}", "message": "{log_message}"}),
    Case("one is changed", "PATCH", "/logs/{log}", 200, {"message": "another"}, holds={"id": "{log}",
        "message": "another"}),
    Case("one is deleted", "DELETE", "/logs/{log}", 204),
    Case("it is found by its words", "GET", "/logs?search={name_log}&unused={log}", 200, holds={"data.0.id": "{log}"}),
    Case("large and small letters are the same", "GET", "/logs?search=bad PUBLICCODE.yml of {name_log}&unused={log}",
        200,
         holds={"data.0.id": "{log}"}),
    Case("words that nothing holds find nothing", "GET", "/logs?search=nothing-{name}", 200, holds={"data": []}),
    Case("it is found by all of its message", "GET", "/logs?filter=Bad%20publiccode.yml%20of%20{name_log}&unused={log}",
         200, holds={"data.0.id": "{log}"}),
    Case("a part of its message is not all of it", "GET", "/logs?filter={name_log}&unused={log}", 200,
         holds={"data": []}),
    Case("a sign of SQL is a sign", "GET", "/logs?search=%25_{name}", 200, holds={"data": []}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_logs(check, case):
    check(case)


def test_the_logs_of_software_are_its_own_the_newest_first(server, world):
    server.suits(2, False, True)
    path = f"/software/{world['software']}/logs"
    for number in range(3):
        server.make(path, {"message": f"number {number}"})
    server.make("/logs", {"message": "of nothing"})
    found = server.ask("GET", path).json()["data"]
    assert [record["message"] for record in found] == ["number 2", "number 1", "number 0"]
    assert {record["entity"] for record in found} == {f"/software/{world['software']}"}
