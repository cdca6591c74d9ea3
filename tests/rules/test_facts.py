"""Whose word counts: the rules of trust over facts of every origin, and when two values disagree in meaning."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.factories.core import NOW, a_maintenance, a_project, an_adoption, later

from catalog.document import as_record
from catalog.model import ScreenLanguage
from catalog.rules.fact import (
    CURATED,
    DECLARED,
    DETECTED_LICENSE,
    FIELDS,
    LICENSE,
    OBSERVED,
    PEER,
    Fact,
    choose_facts,
    statements_of_record,
)
from catalog.rules.fields import (
    main_programming_languages,
    part_that_is_news,
    usable_languages,
    value_digest,
    values_differ,
)

HOST = f"{PEER}coop.example"


def a_fact(field: str, value: Any, origin: str = CURATED, seen_at: datetime = NOW, **source: Any) -> Fact:
    return Fact(field, value, origin, source, seen_at, seen_at)


def test_the_strongest_voice_is_shown_whoever_spoke_last() -> None:
    voices = [
        a_fact("homepage", "https://own.example", DECLARED, later(days=-9), declaration="1", maintainer=True),
        a_fact("homepage", "https://curated.example", CURATED, later(days=-5)),
        a_fact("homepage", "https://observed.example", OBSERVED, later(days=-1), file="package.json"),
        a_fact("homepage", "https://peer.example", HOST),
    ]
    while voices:
        chosen = choose_facts(reversed(voices))["homepage"]
        assert (chosen.value, chosen.fact) == (voices[0].value, voices[0])
        assert chosen.others == tuple(voices[1:]) and chosen.disputed is (len(voices) > 1)
        voices = voices[1:]


def test_another_address_that_the_record_states_itself_contradicts_nothing() -> None:
    ours, mirror, strange = (f"https://{host}.example/group/tool" for host in ("code", "mirror", "strange"))
    facts = [a_fact("repository", ours), a_fact("other_repositories", [mirror])]
    assert not choose_facts([*facts, a_fact("repository", f"{mirror}.git", OBSERVED, file="package.json")])[
        "repository"
    ].disputed
    assert choose_facts([*facts, a_fact("repository", strange, OBSERVED, file="package.json")])["repository"].disputed


@pytest.mark.parametrize(("declared", "curated", "wins"), [(1, 2, CURATED), (2, 1, DECLARED)])
def test_of_a_decided_declaration_and_a_curated_value_the_later_one_is_shown(
    declared: int, curated: int, wins: str
) -> None:
    facts = [
        a_fact("status", "active", DECLARED, later(days=declared), declaration="1"),
        a_fact("status", "ended", CURATED, later(days=curated)),
    ]
    assert choose_facts(facts)["status"].fact.origin == wins


@pytest.mark.parametrize("field", ["release", "activity", "code", "releases"])
def test_what_only_a_repository_can_know_is_taken_from_nobody_else(field: str) -> None:
    said = [a_fact(field, {"version": "9"}, DECLARED, declaration="1", maintainer=True), a_fact(field, {}, HOST)]
    assert field not in choose_facts(said)
    seen = a_fact(field, {"version": "1"}, OBSERVED, later(days=-900), commit="c" * 40)
    assert choose_facts([*said, seen])[field].fact == seen


def test_a_declared_and_a_detected_license_always_stand_side_by_side() -> None:
    declared, detected = a_fact(LICENSE, "MIT"), a_fact(LICENSE, "GPL-3.0", OBSERVED, file="COPYING")
    chosen = choose_facts([detected, declared])
    assert list(chosen) == [LICENSE, DETECTED_LICENSE]
    assert (chosen[LICENSE].fact, chosen[DETECTED_LICENSE].fact) == (declared, detected)
    assert chosen[LICENSE].disputed and chosen[DETECTED_LICENSE].disputed and chosen[LICENSE].others == (detected,)
    assert list(choose_facts([detected])) == [DETECTED_LICENSE] and list(choose_facts([declared])) == [LICENSE]
    peer = a_fact(LICENSE, "MIT", HOST)
    assert choose_facts([detected, peer])[LICENSE].fact == peer


@pytest.mark.parametrize(
    ("declared", "detected", "disputed"),
    [
        ("GPL-3.0-or-later", "GPL-3.0", False),
        ("GPL-3.0-only", "GPL-3.0-or-later", False),
        ("MIT", "Apache-2.0", True),
        ("no license", "MIT", False),
    ],
)
def test_licenses_are_disputed_when_they_do_not_agree(declared: str, detected: str, disputed: bool) -> None:
    facts = [a_fact(LICENSE, declared), a_fact(LICENSE, detected, OBSERVED, file="LICENSE")]
    assert choose_facts(facts)[LICENSE].disputed is disputed


@pytest.mark.parametrize(
    ("field", "first", "other", "disputed"),
    [
        ("languages", [{"term": "fr"}], [{"term": "fr", "percent": 90}, {"term": "ar"}], False),
        ("languages", [{"term": "fr"}, {"term": "es"}], [{"term": "fr"}, {"term": "ar"}], True),
        ("languages", [{"term": "pt"}], [{"term": "pt-BR"}], False),
        ("programming_languages", ["PHP"], ["php", "JavaScript"], False),
        ("programming_languages", ["Ruby"], ["PHP"], True),
        ("homepage", "https://www.galette.eu/", "http://galette.eu", False),
        ("repository", "https://github.com/a/b", "https://github.com/a/b.git", False),
        ("homepage", "https://galette.eu", "https://paheko.example", True),
        ("homepage", "https://[", "https://galette.eu", True),
        ("name", "Galette", "galette", False),
        ("name", "Galette", "Paheko", True),
        ("summary", {"en": "Keeps members"}, {"en": "Manages members"}, False),
        ("status", "active", "ended", True),
        ("something_new", {"a": 1}, {"a": 2}, False),
        ("domains", "not a list", ["accounting"], False),
    ],
)
def test_origins_disagree_in_meaning_not_in_wording(field: str, first: Any, other: Any, disputed: bool) -> None:
    assert choose_facts([a_fact(field, first), a_fact(field, other, HOST)])[field].disputed is disputed
    assert values_differ(field, first, other) is values_differ(field, other, first)


def test_files_of_one_repository_that_name_different_things_are_no_dispute() -> None:
    names = [a_fact("name", f"part-{n}", OBSERVED, file=f"parts/{n}/package.json") for n in range(3)]
    chosen = choose_facts(names)["name"]
    assert not chosen.disputed and len(chosen.others) == 2


def test_of_several_files_those_written_for_catalogs_come_first_then_those_at_the_top() -> None:
    paths = ["publiccode.yml", "codemeta.json", "setup.cfg", "docs/publiccode.yml", "docs/setup.cfg"]
    facts = [a_fact("homepage", f"https://{n}.example", OBSERVED, file=path) for n, path in enumerate(paths)]
    chosen = choose_facts(reversed(facts))["homepage"]
    assert [fact.source["file"] for fact in (chosen.fact, *chosen.others)] == paths


def test_what_is_no_longer_said_is_not_chosen() -> None:
    assert choose_facts([Fact("name", "Old", CURATED, {}, NOW, NOW, until=NOW)]) == {}


def test_fields_come_in_the_order_in_which_people_ask_and_unknown_ones_behind() -> None:
    chosen = choose_facts([a_fact("zzz", 1), a_fact("homepage", "https://x.example"), a_fact("name", "X")])
    assert list(chosen) == ["name", "homepage", "zzz"]


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda strategy: st.lists(strategy) | st.dictionaries(st.text(), strategy),
)


@given(
    st.lists(st.tuples(st.sampled_from([*FIELDS, "newer"]), json, st.sampled_from([CURATED, DECLARED, OBSERVED, HOST])))
)
def test_choosing_never_raises_and_never_depends_on_the_order(said: list[tuple[str, Any, str]]) -> None:
    facts = [a_fact(field, value, origin) for field, value, origin in said]
    chosen = choose_facts(facts)
    assert chosen == choose_facts(reversed(facts))
    assert {fact.field for fact in facts} >= {name.removesuffix(".detected") for name in chosen}
    for value in (value for _, value, _ in said):
        assert usable_languages(value) is not None and main_programming_languages(value) is not None


def test_a_record_states_each_of_its_keys_with_its_sources_and_neither_adoptions_nor_persons() -> None:
    project = a_project(
        languages=(ScreenLanguage("fr"), ScreenLanguage("ar", 60)),
        adoptions=(an_adoption(),),
        maintenance=(a_maintenance(None, person="Ana"), a_maintenance("coop-des-halles")),
        notes={"en": "For curators."},
        sources=("https://galette.eu",),
    )
    said = {statement.field: statement for statement in statements_of_record(as_record(project))}
    assert said["languages"].value == [{"term": "fr"}, {"term": "ar", "percent": 60}]
    assert said["maintenance"].value == [{"organization": "coop-des-halles", "role": "lead"}]
    assert not {"adoptions", "notes", "sources", "slug", "id", "homepage"} & said.keys()
    assert all(statement.source == {"urls": ["https://galette.eu"]} for statement in said.values())
    assert said.keys() <= FIELDS.keys()
    alone = {
        statement.field
        for statement in statements_of_record(as_record(a_project(maintenance=(a_maintenance(None, person="Ana"),))))
    }
    assert "maintenance" not in alone


@pytest.mark.parametrize(
    ("field", "first", "other", "same"),
    [
        ("languages", [{"term": "fr", "percent": 80}], [{"term": "fr", "percent": 81}], True),
        ("languages", [{"term": "fr"}], [{"term": "fr"}, {"term": "ar"}], False),
        ("license.file", {"license": "MIT", "confidence": 0.9}, {"license": "MIT", "confidence": 1.0}, True),
        ("activity", {"commits": 1}, {"commits": 2}, True),
        (LICENSE, "MIT", "Apache-2.0", False),
    ],
)
def test_a_little_more_of_the_same_is_no_news(field: str, first: Any, other: Any, same: bool) -> None:
    assert (value_digest(part_that_is_news(field, first)) == value_digest(part_that_is_news(field, other))) is same


def test_an_index_takes_what_looks_like_a_language_and_is_half_translated() -> None:
    value = [
        {"term": "fr"},
        {"term": "ar", "percent": 50},
        {"term": "es", "percent": 49},
        {"term": "src/../x"},
        "pt-BR",
    ]
    assert usable_languages(value) == ("fr", "ar", "pt-BR")
    code = {
        "languages": [{"name": "PHP", "percent": 80}, {"name": "Shell", "percent": 2}, {"name": "CSS", "percent": 10}]
    }
    assert main_programming_languages(code) == ("PHP", "CSS") and main_programming_languages(None) == ()
