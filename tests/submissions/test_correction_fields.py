"""Corrections of each field: what is wrong is told beside its part, what is taken over never breaks a record."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.factories.core import NOW, a_catalog, a_project, an_organization, identity, later, load
from support.factories.submissions import begin_draft, send_draft

from catalog import model, submissions
from catalog.document import from_record
from catalog.document.check_value import CODES, are_sound, faults_of_value
from catalog.rules.submission import CORRECT, PUBLISHED, WAITING
from catalog.store.core.public_changes import changing
from catalog.store.documents.overrides import OF_ORGANIZATION, OF_PROJECT
from catalog.store.submissions import submission_rows
from catalog.submissions.kinds.correction import (
    ITSELF,
    LONG_LINE,
    NO_FIELD,
    NO_SOURCE_URL,
    NOT_READ,
    SAME,
    TAKEN,
    WRONG,
)
from forge.i18n.languages import page_language
from forge.web.core.form import Form
from forge.web.submissions import correction_fields
from tests.ownership.test_verification import BO, again, proven, somebody

GALETTE, COOP = identity("galette"), identity("coop-des-halles", "organization")


@pytest.fixture
def filled(store):
    galette = a_project(homepage="https://www.galette.eu/start")
    load(store, a_catalog(galette, a_project("asleep"), an_organization(homepage="https://halles.coop")))
    return store


def begun(store, field, value, organization=False, **more):
    about = {"organization_id": COOP} if organization else {"project_id": GALETTE}
    answers = {"field": field, "value": value, **more}
    return begin_draft(store, CORRECT, "fr", answers=answers, now=NOW, **about)[1]


def wrong(store, field, value, organization=False, **more):
    submission = begun(store, field, value, organization, **more)
    return submissions.problems(store, submission.id, addressed=True)


def published(store, submission, person=None, now=NOW):
    with changing(store.engine) as (connection, change):
        sent = submission_rows.by_id(connection, submission.id, hold=True)
        return submissions.publish(connection, sent, person, change, now=now)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "", "missing"), ("name", "x" * 101, "long"), ("name", "ana@example.org", "address"),
        ("name", "a\nb", "line"), ("name", "\x00", "prose"), ("name", ["x"], "shape"), ("homepage", "galette", "url"),
        ("homepage", "javascript:alert(1)", "url"), ("homepage", None, "shape"), ("license", "AGPL3 or so", "license"),
        ("repository", "git://x/y", "repository"), ("repository", "http://example.org/x", "repository"),
        ("status", "king", "choice"), ("replaces", [], "missing"), ("replaces", "Excel", "shape"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_told_beside_it(filled, field, value, code):
    assert wrong(filled, field, value) == {"value": WRONG[code]}


def test_each_part_of_a_value_is_told_of_at_once(filled):
    assert wrong(filled, "summary", "x" * 121, language="fr") == {"value.fr": WRONG["summary"]}
    assert wrong(filled, "summary", "Fine", language="klingon") == {"language": WRONG["language"]}
    assert wrong(filled, "features", ["a"] * 2 + [""], language="fr") == {
        "value.fr.1": WRONG["twice"], "value.fr.2": WRONG["missing"]}  # fmt: skip
    assert wrong(filled, "features", [str(n) for n in range(8)], language="fr") == {"value.fr": WRONG["many"]}
    assert wrong(filled, "domains", ["accounting", "nonsense"]) == {"value.1": WRONG["choice"]}
    assert wrong(filled, "languages", ["fr", {"term": "ar", "percent": 101}, {"percent": 3}, "zzz9"]) == {
        "value.1.percent": WRONG["number"], "value.2.term": WRONG["missing"],
        "value.3.term": WRONG["language"]}  # fmt: skip
    assert wrong(filled, "accessibility", {"state": "so-so", "url": "x", "year": "26"}) == {
        "value.standard": WRONG["missing"], "value.state": WRONG["choice"], "value.url": WRONG["url"],
        "value.year": WRONG["year"]}  # fmt: skip
    assert wrong(filled, "runs", {"hosted": ["nobody"], "self_hosted": "x", "other": 1}) == {
        "value.hosted.0": WRONG["nobody"], "value.self_hosted": WRONG["choice"],
        "value.other": WRONG["shape"]}  # fmt: skip
    claims = [{"term": "seniors", "evidence": "declared"}, {"term": "x", "evidence": "y"}]
    assert wrong(filled, "audiences", claims) == {
        "value.1.term": WRONG["choice"], "value.1.evidence": WRONG["choice"]}  # fmt: skip


def test_the_field_the_source_and_what_stands_there_are_checked_too(filled):
    for field in ("slug", "adoptions", "maintenance", "nonsense", None, 3, ["name"]):
        assert wrong(filled, field, "x") == {"field": NO_FIELD}
    assert wrong(filled, "homepage", "https://www.galette.eu/start", source="nowhere") == {
        "value": SAME, "source": NO_SOURCE_URL}  # fmt: skip
    for spelled in ("https://github.com/example/asleep.git", "https://GitHub.com/example/asleep/"):
        assert wrong(filled, "repository", spelled) == {"value": TAKEN}


def test_a_language_is_added_and_the_others_stay(filled):
    published(filled, begun(filled, "summary", "Fait autre chose", language="de"), now=later(hours=1))
    before = filled.public_records.project("galette").record.summary
    assert before["de"] == "Fait autre chose" and len(before) > 1
    submission = begun(filled, "summary", "", language="de")
    published(filled, submission, now=later(hours=2))
    assert "de" not in filled.public_records.project("galette").record.summary


def test_an_organizations_representative_publishes_at_once_as_its_own_word_and_others_wait(filled):
    waits = begun(filled, "name", "Halles !", organization=True)
    assert send_draft(filled, waits.id, email=None, person=somebody(filled, BO), now=NOW).state == WAITING
    ana, _ = proven(filled, "ana@example.org", kind="organization", slug="coop-des-halles")
    submission = begun(filled, "name", "Les Halles", organization=True)
    assert send_draft(filled, submission.id, email=None, person=ana, now=NOW).state == PUBLISHED
    assert filled.public_records.organization("coop-des-halles").record.name == "Les Halles"
    with changing(filled.engine) as (connection, change):
        submissions.take_back(connection, submission_rows.by_id(connection, submission.id), change, now=NOW)
    assert filled.public_records.organization("coop-des-halles").record.name != "Les Halles"
    assert wrong(filled, "country", "UK", organization=True) == {"value": WRONG["country"]}
    assert wrong(filled, "summary", "x", organization=True) == {"field": NO_FIELD}


def test_a_keepers_correction_is_public_at_once_and_somebody_elses_waits(filled):
    bo, _ = proven(filled)
    assert again(filled, bo).maintained_projects == (GALETTE,)
    submission = begun(filled, "status", "ended")
    assert send_draft(filled, submission.id, email=None, person=bo, now=NOW).state == PUBLISHED
    assert filled.public_records.project("galette").record.status == "ended"
    other = begun(filled, "license", "MIT")
    eve = somebody(filled, "eve@example.org")
    assert send_draft(filled, other.id, email=None, person=eve, now=NOW).state == WAITING


_LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(
    ["fr", "MIT", "declared", "seniors", "https://example.org/a", "easy", "full", "accounting", "FR", "ended"]
)  # fmt: skip
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=5) | st.sampled_from(["fr", "term", "percent", "state", "online"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from(OF_PROJECT), _VALUES)
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_what_has_no_fault_can_stand_in_a_record_and_what_cannot_has_one(field, value):
    found = faults_of_value(model.Project, field, value, lambda kind, slug: False)
    assert set(found.values()) <= set(CODES)
    assert value is None or are_sound(model.Project, {field: value}, lambda kind, slug: False) == (not found)
    if not found:
        from_record(model.Project, {"slug": "x", "name": "X", "summary": {"en": "Does"}, field: value})


@given(st.sampled_from(OF_ORGANIZATION), _VALUES)
def test_the_same_of_organizations(field, value):
    if not faults_of_value(model.Organization, field, value, lambda kind, slug: False):
        from_record(model.Organization, {"slug": "x", "name": "X", field: value})


@pytest.mark.parametrize("field", correction_fields.PROJECT)
def test_a_form_that_shows_what_stands_there_and_is_sent_unchanged_says_the_same(field):
    values = {
        "summary": {"fr": "Gère", "en": "Keeps"}, "description": {"fr": "a\n\nb"}, "cost": {"fr": "5 €"},
        "governance": {"fr": "x"}, "features": {"fr": ["a", "b"]}, "domains": ["accounting"],
        "made_for": ["association"], "platforms": ["web", "android"],
        "audiences": [{"term": "seniors", "evidence": "tested-with-users"}], "inclusion": [],
        "accessibility": {"standard": "WCAG 2.2 AA", "state": "partial", "year": "2026"},
        "languages": ["fr", {"term": "ar", "percent": 60}, "pt-BR", "gsw"], "deployment_countries": ["FR", "BR"],
        "runs": {"online": "https://example.org/x", "hosted": ["coop"], "self_hosted": "easy"},
        "easy_to_read": {"fr": {"text": "On paie.", "checked_by": "Un groupe", "checked_at": "2026"}},
        "relations": [{"type": "fork-of", "project": "asleep"}, {"type": "part-of", "project": "suite"}],
        "leaving": {"exports": ["CSV"], "note": {"en": "y", "fr": "x"}},
        "manuals": {"fr": "https://example.org/fr"},
        "support": {"url": "https://example.org/forum", "languages": ["fr", "en"]},
    }  # fmt: skip
    described, spoken = correction_fields.PROJECT[field], page_language("fr")
    lists = described.shape in ("list",)
    value = values.get(field, ["a", "b"] if lists else "x")
    form = Form(correction_fields.filled(described, value, "fr", spoken) | {"language": ["fr"]})
    back = correction_fields.typed(described, form, value, spoken)
    assert back == (value["fr"] if described.shape in correction_fields.SPOKEN else value)


@pytest.mark.parametrize("field", correction_fields.ORGANIZATION)
def test_the_same_of_each_field_of_an_organization(field):
    described, spoken = correction_fields.ORGANIZATION[field], page_language("fr")
    value = {"networks": ["a", "b"], "identifiers": {"siren": "552 100 554", "ror": "x:y"}}.get(field, "x")
    if described.shape in correction_fields.SPOKEN:
        value = {"fr": value}
    typed = correction_fields.typed(
        described, Form(correction_fields.filled(described, value, "fr", spoken)), value, spoken
    )
    assert typed == (value["fr"] if described.shape in correction_fields.SPOKEN else value)


def test_a_link_to_another_project_is_declared_and_goes_again_and_outlives_a_load(filled):
    submission = begun(filled, "relations", [{"type": "fork-of", "project": "asleep"}])
    published(filled, submission, now=later(hours=1))

    def told():
        return [(line.type, line.slug, line.inverse) for slug in ("galette", "asleep")
                for line in filled.public_records.project(slug).relations]  # fmt: skip

    linked = [("fork-of", "asleep", False), ("fork-of", "galette", True)]
    assert told() == linked
    document = a_catalog(a_project(homepage="https://other.example"), a_project("asleep"), an_organization())
    load(filled, document, now=later(hours=2))
    assert told() == linked
    itself = [{"type": "part-of", "project": "galette"}, {"type": "none", "project": "nobody"}]
    assert wrong(filled, "relations", itself[:1]) == {"value.0.project": ITSELF}
    assert wrong(filled, "relations", itself[1:]) == {
        "value.0.type": WRONG["choice"],
        "value.0.project": WRONG["nobody"],
    }
    with changing(filled.engine) as (connection, change):
        submissions.take_back(connection, submission_rows.by_id(connection, submission.id), change, now=NOW)
    assert told() == []


def test_hosts_are_declared_as_organizations_and_are_found_by_their_page(filled):
    submission = begun(filled, "runs", {"hosted": ["coop-des-halles"], "self_hosted": "easy"})
    published(filled, submission, now=later(hours=1))
    assert [host.slug for host in filled.public_records.project("galette").hosts] == ["coop-des-halles"]
    assert [each.slug for each in filled.public_records.organization("coop-des-halles").hosting] == ["galette"]
    with changing(filled.engine) as (connection, change):
        submissions.take_back(connection, submission_rows.by_id(connection, submission.id), change, now=NOW)
    assert filled.public_records.organization("coop-des-halles").hosting == ()


def test_a_family_and_numbers_in_registers_are_said_of_an_organization(filled):
    assert wrong(filled, "family", "workers-coop", organization=True) == {"value": WRONG["choice"]}
    numbers = {"siren": "552 100 554"}
    published(filled, begun(filled, "identifiers", numbers, organization=True), now=later(hours=1))
    assert filled.public_records.organization("coop-des-halles").record.identifiers == numbers
    assert wrong(filled, "identifiers", {"No colon": ""}, organization=True) == {"value.No colon": NOT_READ}


def test_a_line_that_is_too_long_is_told_and_not_cut(filled):
    assert wrong(filled, "replaces", ["x" * 301, "Excel"]) == {"value.0": LONG_LINE}
    assert wrong(filled, "features", ["x" * 301], language="fr") == {"value.fr.0": LONG_LINE}
    whole = correction_fields.typed(
        correction_fields.PROJECT["replaces"], Form({"value": ["a\n" + "x" * 11_000]}), None, page_language("fr")
    )
    assert set(wrong(filled, "replaces", whole)) == {"value.0"}


def test_every_field_that_can_be_corrected_is_asked_for_once():
    grouped = [field for _, fields in correction_fields.GROUPS for field in fields]
    assert (
        sorted(grouped)
        == sorted(correction_fields.PROJECT)
        == sorted(set(OF_PROJECT) - {"context_only", "rules", "cautions"})
    )
    assert set(correction_fields.ORGANIZATION) == set(OF_ORGANIZATION)


SOURCED = (
    model.Feature({"en": "Keeps members", "fr": "Tient"}, "galette/galette:README.md#L1", "2026-11-01"),
    model.Feature({"en": "Prints", "fr": "Imprime"}, "galette/galette:README.md#L2", "2026-11-02"),
)


@pytest.fixture
def sourced(store):
    evidence = {name: model.Evidence(f"galette/galette:{name}", "2026-11-01") for name in ("homepage", "status")}
    galette = a_project(homepage="https://galette.eu", status="active", features=SOURCED, evidence=evidence)
    halles = an_organization(evidence={"kind": model.Evidence("https://halles.coop/a", "2026")})
    load(store, a_catalog(galette, halles))
    return store


def test_a_corrected_field_loses_its_source_or_has_the_one_that_it_came_with(sourced):
    published(sourced, begun(sourced, "homepage", "https://new.example"), now=later(hours=1))
    record = sourced.public_records.project("galette").record
    assert set(record.evidence) == {"status"}
    submission = begun(sourced, "status", "suspended", source="https://new.example/blog")
    published(sourced, submission, now=later(hours=2))
    evidence = sourced.public_records.project("galette").record.evidence
    assert evidence == {"status": model.Evidence("https://new.example/blog", later(hours=2).date().isoformat())}
    with changing(sourced.engine) as (connection, change):
        sent = submission_rows.by_id(connection, submission.id, hold=True)
        submissions.take_back(connection, sent, change, now=later(hours=3))
    back = sourced.public_records.project("galette").record
    assert back.status == "active" and back.evidence["status"].source == "galette/galette:status"


def test_an_organizations_corrected_field_does_so_too(sourced):
    for answers, evidence in (
        ({"value": "mutual"}, {}),
        ({"value": "association", "source": SOURCE_URL}, {"kind": model.Evidence(SOURCE_URL, NOW.date().isoformat())}),
    ):
        published(sourced, begun(sourced, "kind", organization=True, **answers))
        assert sourced.public_records.organization("coop-des-halles").record.evidence == evidence


SOURCE_URL = "https://halles.coop/statutes"


def test_a_feature_that_stays_as_it_is_keeps_its_source(sourced):
    def features():
        return [
            (dict(feature.text), feature.source)
            for feature in sourced.public_records.project("galette").record.features
        ]

    published(sourced, begun(sourced, "features", ["Tient", "Colle", "Imprime"], language="fr"), now=later(hours=1))
    assert features() == [
        ({"en": "Keeps members", "fr": "Tient"}, SOURCED[0].source),
        ({"fr": "Colle"}, None),
        ({"en": "Prints", "fr": "Imprime"}, SOURCED[1].source),
    ]
    published(sourced, begun(sourced, "features", ["Lleva socios", "Imprime"], language="es"), now=later(hours=2))
    published(sourced, begun(sourced, "features", ["Keeps all", "Prints"], language="en"), now=later(hours=3))
    after = features()
    assert ({"en": "Keeps all"}, None) in [({"en": text.get("en")}, source) for text, source in after]
    assert [source for text, source in after if text.get("en") == "Prints"] == [SOURCED[1].source]
    lines = sourced.public_records.project("galette").record.feature_lines
    assert lines == {
        "en": ("Keeps all", "Prints"),
        "fr": ("Tient", "Colle", "Imprime"),
        "es": ("Lleva socios", "Imprime"),
    }


def test_a_document_that_gives_its_features_sources_gives_them_to_unchanged_lines(sourced):
    published(sourced, begun(sourced, "features", ["Tient", "Colle"], language="fr"), now=later(hours=1))
    renewed = tuple(model.Feature(feature.text, "https://galette.eu/doc", "2026-11-20") for feature in SOURCED)
    load(sourced, a_catalog(a_project(features=renewed), an_organization()), now=later(hours=2), digest="2")
    features = sourced.public_records.project("galette").record.features
    assert [(feature.text.get("fr"), feature.source) for feature in features] == [
        ("Tient", "https://galette.eu/doc"), (None, "https://galette.eu/doc"), ("Colle", None)]  # fmt: skip


def test_a_picture_that_stays_keeps_its_words(store):
    said = model.Screenshot("a.png", {"fr": "La liste"})
    load(store, a_catalog(a_project(screenshots=(said, "b.png"))))
    published(store, begun(store, "screenshots", ["c.png", "a.png"]), now=later(hours=1))
    assert store.public_records.project("galette").record.screenshots == (model.Screenshot("c.png"), said)
