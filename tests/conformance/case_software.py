"""Entries: each of a list is shown by its identity, software is found by its address, publishers by another name."""

import pytest
from tables import is_id, is_text, is_time


@pytest.mark.parametrize("kind", ["software", "publishers", "catalogs"])
def test_each_of_a_list_is_shown_by_its_identity(server, kind):
    for entry in server.ask("GET", f"/{kind}").json()["data"]:
        assert is_id(entry["id"]) and is_time(entry["createdAt"]) and is_time(entry["updatedAt"])
        assert server.ask("GET", f"/{kind}/{entry['id']}").json() == entry


def test_software_is_found_by_its_address(server):
    for entry in server.ask("GET", "/software").json()["data"]:
        for url in (entry["url"], f"{entry['url']}/"):
            assert server.ask("GET", f"/software?url={url}").json()["data"] == [entry]


def test_a_publisher_is_shown_by_its_other_name(server):
    for entry in server.ask("GET", "/publishers").json()["data"]:
        assert is_text(entry["description"])
        if other := entry.get("alternativeId"):
            assert server.ask("GET", f"/publishers/{other}").json() == entry
