"""publiccode.yml: the verdict of every file of the reference corpus, sentences with lines, and facts without people."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.factories.metadata import (
    EMAILS,
    HOSTILE,
    PERSONS,
    PHONES,
    PUBLICCODE,
    addresses,
    is_sound,
    mutations,
    observed,
    persons,
    values,
    yaml_texts,
)
from support.paths import SHARED

from forge.observe.core.tree import Tree, tree_of
from forge.observe.publiccode import observe_publiccode, read_values, words

SHARED = SHARED
CORPUS = SHARED / "corpus" / "publiccode" / "v0"
FILES = sorted(file for name in ("valid", "valid_with_warnings") for file in (CORPUS / name).rglob("*.yml"))
MINIMAL = yaml.safe_load(PUBLICCODE)


def test_the_corpus_is_read_where_the_shared_folder_is() -> None:
    if not SHARED.is_dir():
        pytest.skip(
            "the corpus of publiccode.yml files (../shared/corpus/publiccode) is not here: no verdict was scored"
        )
    assert FILES


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(CORPUS)))
def test_a_valid_file_of_the_corpus_is_understood_whole(file: Path) -> None:
    found, unreadable = read_values(file.read_bytes())
    assert unreadable is None and {"name", "repository", "summary", "license.manifest"} <= found.keys()


def changed(**keys: Any) -> str:
    """The valid file with other top-level keys; None takes one away. Keys below are written with dots as _."""
    document = json.loads(json.dumps(MINIMAL, default=str))
    for key, value in keys.items():
        if value is None:
            document.pop(key, None)
        else:
            document[key] = value
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


@pytest.mark.parametrize("version", words.VERSIONS)
def test_every_version_of_the_standard_is_read(version: str) -> None:
    found = values(observed(observe_publiccode, "publiccode.yml", changed(publiccodeYmlVersion=version)))
    assert found["name"] == "Medusa" and "unreadable" not in found


def test_what_is_not_understood_is_one_sentence_and_the_rest_is_taken() -> None:
    text = changed(publiccodeYmlVersion=None, url="medusa", softwareType="web", developmentStatus=["beta"])
    found = values(observed(observe_publiccode, "publiccode.yml", text))
    assert found["unreadable"] == {
        "problem": "Nothing usable stands at these keys: publiccodeYmlVersion, url, developmentStatus, softwareType.",
        "line": None,
    }
    assert found["name"] == "Medusa" and found["license.manifest"]["license"] == "AGPL-3.0-or-later"


def test_pictures_that_are_not_in_the_tree_are_left_out() -> None:
    part = Tree(
        tree_of({"publiccode.yml": PUBLICCODE.encode()}).files, lambda oid, most: PUBLICCODE.encode(), whole=False
    )
    found = values(observe_publiccode(part))
    assert found["name"] == "Medusa" and "screenshots" not in found


@pytest.mark.parametrize("data", HOSTILE)
def test_a_hostile_file_is_an_answer_with_a_sentence(data: bytes) -> None:
    found = observed(observe_publiccode, "publiccode.yml", data)
    assert is_sound(found)
    assert "unreadable" in values(found)


def test_a_file_tells_its_project_in_our_fields() -> None:
    found = values(observed(observe_publiccode, "publiccode.yml", PUBLICCODE))
    assert found.pop("description")["fr"].startswith("Medusa tient les comptes")
    assert found == {
        "name": "Medusa",
        "repository": "https://example.org/coop/medusa.git",
        "homepage": "https://medusa.example.org",
        "summary": {"fr": "Tenir les comptes d'une association."},
        "features": {"fr": ["Comptes", "Adhésions"]},
        "documentation": "https://docs.example.org/fr",
        "screenshots": ["img/screen.png"],
        "license.manifest": {"license": "AGPL-3.0-or-later", "stated": "AGPL-3.0-or-later"},
        "development_status": "beta",
        "status": "wip",
        "software_type": "standalone/web",
        "platforms": ["web"],
        "categories": ["accounting", "crm"],
        "domains.hint": ["accounting", "contacts-crm"],
        "languages": [{"term": "fr", "percent": None}, {"term": "pt-BR", "percent": None}],
        "maintenance": [
            {"organization": "Coopérative Medusa", "role": "lead"},
            {"organization": "Ville de Lyon", "role": None},
            {"organization": "Fondation de France", "role": "funder"},
        ],
        "standards": ["gdpr"],
        "releases": [{"version": "1.10", "date": "2026-05-01"}],
    }


def test_both_names_are_read_and_the_first_counts() -> None:
    other = PUBLICCODE.replace("Medusa", "Meduse", 1).encode()
    assert values(observe_publiccode(tree_of({"publiccode.yaml": other})))["name"] == "Meduse"
    assert (
        values(observe_publiccode(tree_of({"publiccode.yaml": other, "publiccode.yml": PUBLICCODE.encode()})))["name"]
        == "Medusa"
    )
    assert observe_publiccode(tree_of({"docs/publiccode.yml": other})) == []


def test_platforms_are_those_that_we_have_a_word_for_and_what_is_not_free_and_needed_is_a_caution() -> None:
    needs = [{"name": "Oracle <b>"}, {"name": "Maps", "optional": True}, "Exchange", {"name": ["x"]}]
    text = changed(platforms=["mac", "Web", "BeOS", 7, None, " android ", "web"], dependsOn={"proprietary": needs})
    found = values(observed(observe_publiccode, "publiccode.yml", text))
    assert found["platforms"] == ["macos", "web", "android"] and "unreadable" not in found
    assert found["cautions"] == [{"kind": "not-free-service", "name": "Oracle <b>"}]


def test_thousands_of_platforms_and_needs_are_read_to_a_bound_and_more_are_told_to_be_too_many() -> None:
    def told(count: int) -> dict[str, Any]:
        many = [f"<b>{number}</b>" for number in range(count)]
        text = changed(platforms=[*many, "web"], dependsOn={"proprietary": [{"name": name * 25} for name in many]})
        return values(observed(observe_publiccode, "publiccode.yml", text))

    found = told(500)
    assert "platforms" not in found and len(found["cautions"]) == 50
    assert all(len(caution["name"]) <= 200 for caution in found["cautions"])
    assert told(10_000).keys() == {"unreadable"}


@pytest.mark.parametrize("status", ["stable", "obsolete"])
def test_a_status_that_may_mean_two_of_ours_is_not_guessed(status: str) -> None:
    found = values(observed(observe_publiccode, "publiccode.yml", changed(developmentStatus=status)))
    assert found["development_status"] == status and "status" not in found


def test_a_technical_fork_tells_of_another_project_and_nothing_of_this_one() -> None:
    found = observed(
        observe_publiccode, "publiccode.yml", PUBLICCODE, repositories=("https://example.org/someone/medusa",)
    )
    assert [(fact.field, fact.value) for fact in found] == [
        ("publiccode.other_repository", "https://example.org/coop/medusa.git")
    ]


@pytest.mark.parametrize("own", ["https://www.example.org/coop/Medusa", "git@example.org:coop/medusa.git"])
def test_another_spelling_of_the_same_address_is_no_fork(own: str) -> None:
    found = observed(
        observe_publiccode, "publiccode.yml", PUBLICCODE, repositories=("https://mirror.example.net/medusa", own)
    )
    assert values(found)["name"] == "Medusa"


def test_our_words_and_theirs_stay_within_both_lists() -> None:
    assert set(words.domain_terms()) | set(words.domain_categories().values()) <= set(words.CATEGORIES)
    assert set(words.STATUS_TERMS) | set(words.STATUS_WORDS.values()) <= set(words.STATUSES)
    assert len(words.CATEGORIES) == 106 and len(words.SCOPES) == 24


def test_what_was_read_once_is_remembered_and_the_files_around_it_are_not() -> None:
    first = tree_of({"publiccode.yml": PUBLICCODE.encode()})
    assert "screenshots" not in values(observe_publiccode(first))
    again = Tree(
        {**first.files, "img/screen.png": first.files["publiccode.yml"]}, lambda oid, most: None, first.remembered
    )
    assert values(observe_publiccode(again))["screenshots"] == ["img/screen.png"]


@given(data=mutations(PUBLICCODE.encode()))
def test_no_mutation_of_a_valid_file_makes_it_raise(data: bytes) -> None:
    assert is_sound(observed(observe_publiccode, "publiccode.yml", data))


@given(
    keys=st.dictionaries(
        st.sampled_from([*MINIMAL, "IT", "it", "isBasedOn", "logo", "roadmap", "dependsOn"]), yaml_texts, max_size=8
    )
)
def test_no_value_of_any_key_makes_it_raise(keys: dict[str, Any]) -> None:
    text = yaml.safe_dump({**MINIMAL, **keys}, allow_unicode=True)
    assert is_sound(observed(observe_publiccode, "publiccode.yml", text.encode("utf-8", "replace")))


@given(person=persons, address=addresses)
def test_no_person_and_no_address_leaves_it(person: str, address: str) -> None:
    about = f"Written by {address}, ask {address}. "
    text = changed(
        name=f"Medusa {address}",
        url=f"https://{person.split()[0].lower()}@example.org/medusa" if person.isascii() else MINIMAL["url"],
        softwareVersion=f"1 {address}",
        platforms=[address],
        usedBy=[f"Comune di Firenze {address}"],
        organisation={"name": person, "uri": f"mailto:{address}"},
        fundedBy=[{"name": person, "uri": "urn:x:y"}, {"name": f"{person}, Université de Lyon", "uri": "urn:x:y"}],
        supports=[{"id": f"https://example.org/{address}".replace(" ", "")}],
        legal={"license": f"MIT {address}", "mainCopyrightOwner": person, "repoOwner": f"{person} and others"},
        maintenance={
            "type": "contract",
            "contractors": [{"name": person, "email": address, person: address, "website": address}],
            "contacts": [{"name": person, "email": address, "phone": address, "affiliation": person, person: person}],
        },
        description={
            "fr": {
                **MINIMAL["description"]["fr"],
                "shortDescription": about,
                "longDescription": about * 20,
                "features": [about, {person: address}],
                "screenshots": [address],
                "awards": [person],
            },
            person: {},
            address: {},
        },
        dependsOn={"open": [{"name": address, person: address}]},
        **{address: person, f"x {person}": address},
    )
    told = json.dumps(
        [[fact.field, fact.value] for fact in observed(observe_publiccode, "publiccode.yml", text)], ensure_ascii=False
    )
    assert [person for person in (*PERSONS, *EMAILS, *PHONES) if person in told] == []
