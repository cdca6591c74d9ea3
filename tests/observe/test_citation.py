"""CITATION.cff: what it tells of the software, and no person in it."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.factories.metadata import (
    CITATION,
    EMAILS,
    HOSTILE,
    PERSONS,
    PHONES,
    addresses,
    is_sound,
    mutations,
    observed,
    persons,
    values,
    yaml_texts,
)

from forge.observe.core.tree import tree_of
from forge.observe.metadata.citation import observe_citation


def test_a_valid_file_tells_its_project_in_our_fields() -> None:
    assert values(observed(observe_citation, "CITATION.cff", CITATION)) == {
        "name": "Medusa",
        "repository": "https://example.org/coop/medusa",
        "homepage": "https://medusa.example.org",
        "description": {"und": "Keeps the books of an association."},
        "license.manifest": {"license": "AGPL-3.0-or-later", "stated": "AGPL-3.0-or-later"},
        "maintenance": [{"organization": "Université de Lyon", "role": None}],
        "releases": [{"version": "1.10", "date": "2026-05-01"}],
    }


def test_of_several_licenses_one_may_choose_as_the_format_says() -> None:
    text = CITATION.replace("license: AGPL-3.0-or-later", "license: [MIT, Apache-2.0]")
    found = values(observed(observe_citation, "CITATION.cff", text))
    assert found["license.manifest"]["license"] == "MIT OR Apache-2.0"


def test_a_data_set_is_no_software() -> None:
    assert observed(observe_citation, "CITATION.cff", CITATION.replace("type: software", "type: dataset")) == []


def test_what_is_not_understood_is_one_sentence_and_the_rest_is_taken() -> None:
    text = CITATION.replace("title: Medusa", "title: [Medusa]").replace(
        "url: https://medusa.example.org", "url: medusa"
    )
    found = values(observed(observe_citation, "CITATION.cff", text))
    assert found["unreadable"]["problem"] == "Nothing usable stands at these keys: title, url."
    assert found["repository"] == "https://example.org/coop/medusa" and "name" not in found


def test_a_file_without_keys_says_how_to_begin() -> None:
    (fact,) = observed(observe_citation, "CITATION.cff", "- a list")
    assert fact.field == "unreadable" and fact.value["problem"].startswith("The file holds no keys; begin with")


def test_only_the_file_at_the_root_is_read() -> None:
    assert observe_citation(tree_of({"docs/CITATION.cff": CITATION.encode()})) == []


@pytest.mark.parametrize("data", HOSTILE)
def test_a_hostile_file_gives_nothing_without_bounds(data: bytes) -> None:
    assert is_sound(observed(observe_citation, "CITATION.cff", data))


@given(data=mutations(CITATION.encode()))
def test_no_mutation_of_a_valid_file_makes_it_raise(data: bytes) -> None:
    assert is_sound(observed(observe_citation, "CITATION.cff", data))


@given(
    keys=st.dictionaries(st.sampled_from([*yaml.safe_load(CITATION), "contact", "identifiers"]), yaml_texts, max_size=6)
)
def test_no_value_of_any_key_makes_it_raise(keys: dict[str, object]) -> None:
    text = yaml.safe_dump({**yaml.safe_load(CITATION), **keys}, allow_unicode=True)
    assert is_sound(observed(observe_citation, "CITATION.cff", text.encode("utf-8", "replace")))


@given(person=persons, address=addresses)
def test_no_person_and_no_address_leaves_it(person: str, address: str) -> None:
    people = [
        {"family-names": person, "given-names": person, "email": address, "tel": address},
        {"name": person, "email": address, "website": f"https://example.org/{address}"},
        {"name": f"{person}, Université de Lyon"},
        {"given-names": person, "name": f"{person} Foundation"},
        {"alias": person, person: address},
    ]
    document = {
        **yaml.safe_load(CITATION),
        "title": f"Medusa {address}",
        "abstract": f"Ask {address}",
        "message": person,
        "version": address,
        "license": f"MIT {address}",
        "url": f"https://example.org/?{address}".replace(" ", ""),
        "authors": people,
        "contact": people,
        "preferred-citation": {"type": "article", "authors": people, "title": person},
        "references": [{"type": "article", "authors": people, "title": person}],
        person: address,
        address: person,
    }
    text = yaml.safe_dump(document, allow_unicode=True)
    told = json.dumps(
        [[fact.field, fact.value] for fact in observed(observe_citation, "CITATION.cff", text)], ensure_ascii=False
    )
    assert [person for person in (*PERSONS, *EMAILS, *PHONES) if person in told] == []
