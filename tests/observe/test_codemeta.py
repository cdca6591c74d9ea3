"""codemeta.json of both contexts: facts, and no person in them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.factories.metadata import (
    CODEMETA,
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
from forge.observe.metadata.codemeta import observe_codemeta


def written(**keys: Any) -> str:
    document = {key: value for key, value in {**CODEMETA, **keys}.items() if value is not None}
    return json.dumps(document, indent=2, ensure_ascii=False)


def test_a_valid_file_tells_its_project_in_our_fields() -> None:
    assert values(observed(observe_codemeta, "codemeta.json", written())) == {
        "name": "Medusa",
        "repository": "https://example.org/coop/medusa",
        "homepage": "https://medusa.example.org",
        "documentation": "https://docs.example.org",
        "issues": "https://example.org/coop/medusa/issues",
        "description": {"und": "Keeps the books of an association."},
        "license.manifest": {"license": "AGPL-3.0-or-later", "stated": "AGPL-3.0-or-later"},
        "status": "active",
        "programming_languages": ["Python", "SQL"],
        "maintenance": [
            {"organization": "Fondation de France", "role": "funder"},
            {"organization": "Coopérative Medusa", "role": None},
        ],
        "releases": [{"version": "1.10", "date": "2026-05-01"}],
    }


@pytest.mark.parametrize(
    ("stated", "license"),
    [
        ("https://spdx.org/licenses/MIT", "MIT"),
        ("https://spdx.org/licenses/GPL-3.0-or-later.html", "GPL-3.0-or-later"),
        ({"@type": "CreativeWork", "url": "https://spdx.org/licenses/MIT"}, "MIT"),
        ("MIT", "MIT"),
        (["https://spdx.org/licenses/MIT", "https://spdx.org/licenses/Apache-2.0"], None),
        ("https://example.org/terms", None),
    ],
)
def test_a_license_is_told_as_spdx_only_when_it_is_one(stated: Any, license: str | None) -> None:
    found = values(observed(observe_codemeta, "codemeta.json", written(license=stated)))["license.manifest"]
    assert found["license"] == license and found["stated"]


@pytest.mark.parametrize("stated", ["ended", "in production", "https://example.org/#active", 3, None])
def test_a_state_that_is_none_of_repostatus_is_not_guessed(stated: Any) -> None:
    assert "status" not in values(observed(observe_codemeta, "codemeta.json", written(developmentStatus=stated)))


def test_names_with_a_prefix_and_texts_with_a_language_are_read() -> None:
    text = written(
        name=None,
        description=[
            {"@value": "Tient les comptes.", "@language": "fr"},
            {"@value": "Keeps books.", "@language": "en"},
        ],
        **{"schema:name": "Medusa"},
    )
    found = values(observed(observe_codemeta, "codemeta.json", text))
    assert found["name"] == "Medusa"
    assert found["description"] == {"fr": "Tient les comptes.", "en": "Keeps books."}


def test_an_address_of_a_repository_may_be_written_for_git() -> None:
    found = values(
        observed(observe_codemeta, "codemeta.json", written(codeRepository="git+https://example.org/coop/medusa.git"))
    )
    assert found["repository"] == "https://example.org/coop/medusa.git"


def test_only_the_file_at_the_root_is_read() -> None:
    assert observe_codemeta(tree_of({"docs/codemeta.json": written().encode()})) == []


@pytest.mark.parametrize("data", HOSTILE)
def test_a_hostile_file_is_an_answer_with_a_sentence(data: bytes) -> None:
    found = observed(observe_codemeta, "codemeta.json", data)
    assert is_sound(found)


@given(data=mutations(written().encode()))
def test_no_mutation_of_a_valid_file_makes_it_raise(data: bytes) -> None:
    assert is_sound(observed(observe_codemeta, "codemeta.json", data))


@given(
    keys=st.dictionaries(
        st.sampled_from([*CODEMETA, "author", "funder", "description", "@context", "@type", "isBasedOn"]),
        yaml_texts,
        max_size=8,
    )
)
def test_no_value_of_any_key_makes_it_raise(keys: dict[str, Any]) -> None:
    assert is_sound(observed(observe_codemeta, "codemeta.json", written(**keys)))


@given(person=persons, address=addresses, term=st.sampled_from(["author", "maintainer", "funder", "copyrightHolder"]))
def test_no_person_and_no_address_leaves_it(person: str, address: str, term: str) -> None:
    text = written(
        name=f"Medusa {address}",
        description=f"Ask {address}",
        codeRepository=f"https://{address}".replace(" ", ""),
        url=f"mailto:{address}",
        version=f"1 {address}",
        license={"name": address},
        programmingLanguage=[address],
        softwareRequirements=[f"PostgreSQL {address}", {"name": address}],
        funding=address,
        **{
            term: [
                {"@type": "Person", "name": person, "email": address, "@id": f"https://example.org/{address}"},
                {"@type": "Person", "name": f"{person} Foundation"},
                {"@type": "Organization", "name": person, "email": address},
                {"@type": "Organization", "name": f"{person}, Université de Lyon"},
                {"name": person},
                person,
            ],
            person: person,
            address: address,
        },
    )
    told = json.dumps(
        [[fact.field, fact.value] for fact in observed(observe_codemeta, "codemeta.json", text)], ensure_ascii=False
    )
    assert [person for person in (*PERSONS, *EMAILS, *PHONES) if person in told] == []
