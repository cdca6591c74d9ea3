"""What is written is read again as it was, and always the same bytes."""

import json

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from support.example_counts import examples
from support.factories.document import (
    a_collection,
    a_document,
    a_manifest,
    a_project,
    an_adoption,
    an_organization,
    documents,
    texts,
)
from support.paths import ROOT

from catalog.document import as_record, complete, dump, dump_json, from_record, parse
from catalog.errors import Invalid
from catalog.model import (
    Collection,
    Document,
    Manifest,
    Organization,
    Project,
    ScreenLanguage,
)

THOROUGH = settings(
    derandomize=True,
    deadline=None,
    max_examples=examples(40, 150),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def read(text: str) -> Document:
    document, problems = parse(text.encode())
    assert problems == []
    assert document is not None
    return document


@THOROUGH
@given(documents())
def test_a_document_is_read_as_it_was_written_and_written_as_it_was_read(document):
    written = dump(document)
    assert read(written) == complete(document)
    assert dump(read(written)) == written
    assert read(dump_json(document)) == complete(document)


@THOROUGH
@given(documents())
def test_a_noun_survives_json(document):
    kinds = (Project, Organization, Collection)
    for kind, nouns in zip(kinds, (document.projects, document.organizations, document.collections), strict=True):
        for noun in nouns:
            assert from_record(kind, json.loads(json.dumps(as_record(noun)))) == noun
    assert from_record(Manifest, json.loads(json.dumps(as_record(document.manifest)))) == document.manifest
    assert from_record(Document, json.loads(json.dumps(as_record(document)))) == document


@pytest.mark.full
@settings(derandomize=True, deadline=None, max_examples=800)
@given(texts(paragraphs=True))
def test_any_text_is_read_back_by_the_parser_without_libyaml_too(text):
    document = a_document(manifest=a_manifest(criteria={"en": text}, refresh={"fr": text}))
    loaded = yaml.load(dump(document), yaml.BaseLoader)
    assert loaded["manifest"]["criteria"]["en"] == text
    assert read(dump(document)) == complete(document)


DATES = {
    "since",
    "until",
    "version_at",
    "at",
    "seen_at",
    "checked_at",
    "year",
    "date",
    "released",
}  # written without quotes, as people write dates


def read_otherwise(stated, loaded, path=()):
    """The places where another reader of YAML finds something else than what is stated."""
    if isinstance(stated, dict) and isinstance(loaded, dict) and list(stated) == list(loaded):
        return [difference for key in stated for difference in read_otherwise(stated[key], loaded[key], (*path, key))]
    if isinstance(stated, list) and isinstance(loaded, list) and len(stated) == len(loaded):
        pairs = enumerate(zip(stated, loaded, strict=True))
        return [difference for number, both in pairs for difference in read_otherwise(*both, (*path, number))]
    same = type(stated) is type(loaded) and stated == loaded
    return [] if same or (path[-1] in DATES and str(loaded) == stated) else [(path, stated, loaded)]


@THOROUGH
@given(documents())
def test_readers_of_yaml_1_1_find_the_same_texts(document):
    assert read_otherwise(as_record(complete(document)), yaml.safe_load(dump(document))) == []


# What YAML 1.1 (https://yaml.org/type/) or 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema) reads as something else.
NOT_TEXT = """
no No NO yes Yes YES n N y Y on On ON off Off OFF true True TRUE false False FALSE null Null NULL ~ = <<
0 8 -8 +8 007 08 1_000 0b101 -0b1 0o17 0x1F 12:30 190:20:30
1.0 -1. .5 +.5 1e3 1.5e+3 1_0.5 12:30.5 .inf -.Inf .nan .NaN
2026-08-30 2026-08-30T10:20:30Z 2001-12-14t21:59:43.10-05:00 2026-8-3T1:02:03
"""


@pytest.mark.parametrize("text", [*NOT_TEXT.split(), "2026-08-30 10:20:30", "2001-12-14 21:59:43.10 -5"])
def test_a_text_that_others_read_as_something_else_stands_in_quotes(text):
    organization = an_organization(name=text, identifiers={"no": text}, notes={"no": text})
    project = a_project(replaces=(text,), adoptions=(), maintenance=(), runs=None)
    document = a_document(projects=(project,), organizations=(organization,))
    written = dump(document)
    assert f"  name: '{text}'\n" in written and f"  - '{text}'\n" in written and f"    'no': '{text}'\n" in written
    assert read(written) == complete(document)


@pytest.mark.parametrize(
    "text", ["3.26.1", "2026-08", "v2", "Norway", "none", "1.2.3.4", "12:75", "nope", "e3", "1e", "0xg"]
)
def test_a_text_that_everybody_reads_as_text_needs_no_quotes(text):
    assert f"  name: {text}\n" in dump(a_document(organizations=(an_organization(name=text),)))


def test_norwegian_and_norway_stand_in_quotes_and_dates_do_not():
    adoption = an_adoption(since="2019", until="2026-08-30", version="8")
    project = a_project(languages=(ScreenLanguage("no"),), deployment_countries=("NO",), adoptions=(adoption,))
    written = dump(a_document(projects=(project,)))
    assert "  languages:\n  - 'no'\n" in written and "  deployment_countries:\n  - 'NO'\n" in written
    assert "    since: 2019\n    until: 2026-08-30\n    version: '8'\n" in written


def test_the_shipped_catalogue_is_read_alike_by_everybody():
    text = (ROOT / "catalog.yaml").read_text(encoding="utf-8")
    assert read_otherwise(as_record(read(text)), yaml.safe_load(text)) == []


def test_records_stand_in_the_order_of_slugs_and_collections_as_given():
    document = a_document(
        projects=(a_project("zebra"), a_project("ant")),
        organizations=(an_organization("z"), an_organization("a")),
        collections=(a_collection("second", projects=()), a_collection("first", projects=())),
    )
    again = read(dump(document))
    assert [project.slug for project in again.projects] == ["ant", "zebra"]
    assert [organization.slug for organization in again.organizations] == ["a", "z"]
    assert [collection.slug for collection in again.collections] == ["second", "first"]


def test_an_id_is_made_of_the_first_slug_and_written():
    renamed = a_project("galette-2", former=("galette", "galette-1"))
    document = a_document(projects=(renamed,), collections=())
    identity = document.manifest.identity("project", "galette")
    assert read(dump(document)).projects[0].id == identity
    assert f"  id: {identity}\n" in dump(document)


def test_defaults_are_left_out_and_what_trust_needs_is_written():
    written = dump(a_document())
    assert "context_only" not in written and "description" not in written and "[]" not in written
    assert "visibility: public" in written and "verification: found-in-public-source" in written


def test_a_language_of_which_nothing_else_is_known_is_a_plain_tag():
    project = a_project(languages=(ScreenLanguage("fr"), ScreenLanguage("ar", 60)))
    assert as_record(project)["languages"] == ["fr", {"term": "ar", "percent": 60}]


def test_a_long_text_is_folded_within_120_characters_and_needs_no_quotes():
    text = "Tenir la liste des adhérents, leurs cotisations et leurs reçus " * 10 + "ici"
    written = dump(a_document(projects=(a_project(description={"fr": text}),)))
    assert all(len(line) <= 120 for line in written.splitlines())
    assert "    fr: Tenir la liste" in written


def test_markdown_of_several_lines_stands_as_it_is():
    written = dump(a_document(projects=(a_project(description={"fr": "# Titre\n\n- un\n- deux\n"}),)))
    assert "    fr: |\n      # Titre\n\n      - un\n      - deux\n" in written


@pytest.mark.parametrize(
    ("record", "path"),
    [
        ({"slug": "a", "name": "A", "summary": {"en": "s"}, "sumary": "x"}, "sumary"),
        ({"slug": "a", "name": "A"}, "summary"),
        ({"slug": "a", "name": 1, "summary": {"en": "s"}}, "name"),
        ({"slug": "a", "name": "A", "summary": ["s"]}, "summary"),
        ({"slug": "a", "name": "A", "summary": {"en": "s"}, "context_only": "false"}, "context_only"),
        (
            {"slug": "a", "name": "A", "summary": {"en": "s"}, "adoptions": [{"stage": "piloting"}]},
            "adoptions[0].organization",
        ),
        (
            {"slug": "a", "name": "A", "summary": {"en": "s"}, "languages": [{"term": "fr", "percent": 101}]},
            "languages[0].percent",
        ),
        ({"slug": "a", "name": "A", "summary": {"en": "s"}, "id": "7"}, "id"),
        ([], "project"),
    ],
)
def test_a_record_of_another_shape_is_refused_with_its_path(record, path):
    with pytest.raises(Invalid) as refused:
        from_record(Project, record)
    assert list(refused.value.errors) == [path]
