"""codemeta.json of both contexts: problems against the context's own terms, facts, and no person in them."""

import json
import re
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
from support.paths import SHARED

from forge.observe.core.tree import tree_of
from forge.observe.metadata.codemeta import observe_codemeta
from forge.observe.metadata.codemeta_check import CONTEXTS, TERMS, check_codemeta

SHARED = SHARED
NO_PROPERTY = {"schema", "codemeta", "type", "id", "Organization", "Person", "Review", "Role", "Text", "URL"}
NO_PROPERTY |= {"SoftwareSourceCode", "SoftwareApplication"}


def written(**keys: Any) -> str:
    document = {key: value for key, value in {**CODEMETA, **keys}.items() if value is not None}
    return json.dumps(document, indent=2, ensure_ascii=False)


def test_the_terms_are_those_of_the_context() -> None:
    if not SHARED.is_dir():
        pytest.skip("CodeMeta's context (../shared/corpus/codemeta) is not here: the terms were not compared")
    context = json.loads((SHARED / "corpus" / "codemeta" / "codemeta.jsonld").read_text())["@context"]
    assert set(TERMS["3"]) - {"type", "id"} == set(context) - NO_PROPERTY


def test_a_valid_file_tells_its_project_in_our_fields() -> None:
    assert values(observed(observe_codemeta, "codemeta.json", written())) == {
        "problems": {"standard": "CodeMeta 3", "valid": True, "problems": []},
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
        "dependencies": {"ecosystem": "codemeta", "count": 1, "names": ["PostgreSQL"]},
    }


@pytest.mark.parametrize(
    ("context", "version"),
    [
        *((context, version) for version, context in CONTEXTS.items()),
        ("https://w3id.org/codemeta/3.1", "3"),
        ("https://w3id.org/codemeta/v3.0", "3"),
        ("https://raw.githubusercontent.com/codemeta/codemeta/2.0/codemeta.jsonld", "2"),
        (["https://doi.org/10.5063/schema/codemeta-2.0", {"x": "https://example.org/x"}], "2"),
        ("https://raw.githubusercontent.com/codemeta/codemeta/master/codemeta.jsonld", "3"),
    ],
)
def test_each_spelling_of_a_context_names_its_version(context: Any, version: str) -> None:
    assert check_codemeta(written(**{"@context": context}).encode()) == (version, [])


@pytest.mark.parametrize(
    ("keys", "key", "part"),
    [
        ({"@context": None}, "@context", 'write "@context": "https://w3id.org/codemeta/3.0"'),
        ({"@context": "https://schema.org"}, "@context", "does not say that it is CodeMeta"),
        ({"@context": "https://doi.org/10.5063/schema/codemeta-1.0"}, "@context", "CodeMeta 1 has other terms"),
        ({"@type": "Person"}, "@type", "must describe software"),
        ({"name": None}, "name", "The name is missing"),
        ({"codeRepositry": "https://example.org"}, "codeRepositry", "did you mean codeRepository?"),
        ({"contIntegration": "https://example.org"}, "contIntegration", "did you mean continuousIntegration?"),
        ({"isBasedOn": "https://example.org/x"}, "isBasedOn", "write schema: before a term of schema.org"),
        ({"issueTracker": "the tracker"}, "issueTracker", "This is no web address"),
        ({"dateModified": "May 2026"}, "dateModified", "This is no date"),
        ({"author": "Maya Zeller"}, "author", 'Write an object with "@type"'),
        ({"isAccessibleForFree": "yes"}, "isAccessibleForFree", "Write true or false"),
    ],
)
def test_a_mistake_is_told_with_its_key_its_line_and_what_to_do(keys: dict[str, Any], key: str, part: str) -> None:
    text = written(**keys)
    problems = values(observed(observe_codemeta, "codemeta.json", text))["problems"]
    assert not problems["valid"]
    (problem,) = problems["problems"]
    assert problem["key"] == key and part in problem["sentence"]
    lines = [number for number, line in enumerate(text.splitlines(), 1) if re.match(rf'  "{re.escape(key)}":', line)]
    assert problem["line"] == (lines[0] if lines else 1)


def test_a_key_that_stands_twice_is_told_also_where_another_object_has_it_too() -> None:
    text = written().replace('  "name": "Medusa",', '  "name": "Medusa",\n  "name": "Meduse",', 1)
    _, problems = check_codemeta(text.encode())
    assert [(problem.key, problem.line) for problem in problems] == [("name", 5)]


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
        **{"schema:name": "Medusa", "schema:isBasedOn": "https://example.org/gorgon"},
    )
    found = values(observed(observe_codemeta, "codemeta.json", text))
    assert found["name"] == "Medusa" and found["based_on"] == ["https://example.org/gorgon"]
    assert found["description"] == {"fr": "Tient les comptes.", "en": "Keeps books."}
    assert found["problems"]["valid"]


def test_an_address_of_a_repository_may_be_written_for_git() -> None:
    found = values(
        observed(observe_codemeta, "codemeta.json", written(codeRepository="git+https://example.org/coop/medusa.git"))
    )
    assert found["repository"] == "https://example.org/coop/medusa.git" and found["problems"]["valid"]


def test_only_the_file_at_the_root_is_read() -> None:
    assert observe_codemeta(tree_of({"docs/codemeta.json": written().encode()})) == []


@pytest.mark.parametrize("data", HOSTILE)
def test_a_hostile_file_is_an_answer_with_a_sentence(data: bytes) -> None:
    found = observed(observe_codemeta, "codemeta.json", data)
    assert is_sound(found)
    assert found[0].field == "unreadable" or not found[0].value["valid"]


@given(data=st.one_of(st.binary(max_size=400), st.text(max_size=400).map(lambda text: text.encode("utf-8", "replace"))))
def test_no_bytes_make_it_raise_or_tell_without_bounds(data: bytes) -> None:
    assert is_sound(observed(observe_codemeta, "codemeta.json", data))


@given(data=mutations(written().encode()))
def test_no_mutation_of_a_valid_file_makes_it_raise(data: bytes) -> None:
    assert is_sound(observed(observe_codemeta, "codemeta.json", data))


@given(keys=st.dictionaries(st.sampled_from([*TERMS["3"], "@context", "@type", "isBasedOn"]), yaml_texts, max_size=8))
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
