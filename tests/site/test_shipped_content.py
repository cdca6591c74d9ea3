"""Tests of what we ship to read: `catalog.yaml`, the vocabularies and the texts of `forge/i18n/pages`.

They look at the content alone; that the format is read and written well is the business of the document's tests.
"""

import re
from collections.abc import Iterator
from itertools import chain
from uuid import UUID, uuid5

import pytest
import yaml
from babel.messages.pofile import read_po
from support.paths import ROOT

from catalog import document
from catalog.licenses import expressions
from catalog.licenses.expressions import without_suffix

GATHERED = ROOT.parent / "shared" / "data"  # what the content was written from; not in a clone
LAST_GATHERED = "2026-12-03"
PAGES = ("about", "alveole", "legal")
LABELS = {"en", "fr", "es", "pt", "ar"}
VOCABULARIES = {
    "audience", "caution", "cost-band", "deployment", "domain", "effort-band", "evidence", "governance", "hardness",
    "inclusion-feature", "install", "license-family", "maintenance", "organization-function", "organization-kind",
    "people-band", "platform", "relation", "role", "rule", "rule-support", "size", "stage", "status", "stop-reason",
    "verification", "visibility", "vitality",
}  # fmt: skip
VERBS = {
    "en": (
        "Adds Announces Automates Books Brings Builds Calculates Certifies Collects Computes Connects Coordinates "
        "Creates Describes Exchanges Fills Finds Follows Forecasts Funds Gathers Gives Handles Helps Holds Hosts "
        "Keeps Lends Lets Links Lists Logs Makes Manages Maps Matches Monitors Offers Opens Organizes Pays Plans "
        "Presents Publishes Puts Raises Receives Records Runs Searches Sells Sends Sets Shares Shows Stores "
        "Tracks Watches Weighs Writes"
    ),
    "fr": (
        "Affiche Aide Ajoute Anime Annonce Atteste Automatise Calcule Cartographie Cherche Collecte Conduit "
        "Conserve Construit Coordonne Crée Donne Décrit Enregistre Envoie Fait Finance Garde Gère Héberge Indique "
        "Met Montre Mène Note Offre Organise Ouvre Paie Partage Permet Planifie Propose Prend Prépare Présente "
        "Prête Prévoit Publie Pèse Rapproche Rassemble Recense Reçoit Recueille Relie Remplit Réserve Réunit "
        "Rédige Suit Surveille Tient Trouve Vend Échange Établit"
    ),
}
JARGON = re.compile(
    r"open[ -]source|\b(API|ERP|CRM|LMS|SaaS|backend|framework|instance|repository|dépôt|best|leading|powerful|"
    r"meilleur\w*|puissant\w*)\b",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w+|mailto:")


def shipped(name: str) -> dict:
    return yaml.load((ROOT / name).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def repository_name(address: str) -> str:
    return address.rstrip("/").removesuffix(".git").rpartition("/")[2]


def gathered(name: str) -> list[dict]:
    """The records that the content was written from, or none in a clone, where the content stands alone."""
    file = GATHERED / name
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else []


@pytest.fixture(scope="module")
def content() -> dict:
    return shipped("catalog.yaml")


@pytest.fixture(scope="module")
def projects(content) -> dict[str, dict]:
    return {project["slug"]: project for project in content["projects"]}


@pytest.fixture(scope="module")
def organizations(content) -> dict[str, dict]:
    return {organization["slug"]: organization for organization in content["organizations"]}


@pytest.fixture(scope="module")
def terms() -> dict[str, dict[str, dict]]:
    lists = (shipped(f"catalog/vocabularies/{name}.yaml") for name in VOCABULARIES)
    return {vocabulary["vocabulary"]: {term["slug"]: term for term in vocabulary["terms"]} for vocabulary in lists}


def written(node) -> Iterator[dict]:
    """What is written for readers, by language; which manual is in which language is an address, and no text."""
    if isinstance(node, dict):
        if node and set(node) <= LABELS:
            yield node
        for key, value in node.items():
            if key != "manuals":
                yield from written(value)
    elif isinstance(node, list):
        for value in node:
            yield from written(value)


@pytest.fixture(scope="module")
def texts(content) -> list[dict]:
    return list(written(content))


@pytest.fixture(scope="module")
def french(texts) -> list[str]:
    """Every French text of what is shipped: of the document, the vocabularies, the messages and the pages."""
    terms = chain.from_iterable(written(shipped(f"catalog/vocabularies/{name}.yaml")) for name in VOCABULARIES)
    with (ROOT / "forge" / "i18n" / "locale" / "fr.po").open("rb") as file:
        messages = [message.string for message in read_po(file) if message.id]
    pages = [file.read_text(encoding="utf-8") for file in (ROOT / "forge" / "i18n" / "pages" / "fr").rglob("*.md")]
    every = [*(text["fr"] for text in chain(texts, terms)), *messages, *pages]
    return list(chain.from_iterable([part] if isinstance(part, str) else part for part in every))


def adoptions(projects) -> list[dict]:
    return list(chain.from_iterable(project.get("adoptions", ()) for project in projects.values()))


def test_the_document_has_no_fault_and_is_written_as_export_writes_it():
    loaded, problems = document.check(ROOT / "catalog.yaml")
    assert not problems
    assert document.dump(loaded) == (ROOT / "catalog.yaml").read_text(encoding="utf-8")


def test_all_projects_and_all_adoptions_are_there(projects):
    assert len(projects) >= 200
    assert len(adoptions(projects)) >= 400


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_summary_is_a_short_sentence_that_starts_with_a_verb(projects, language):
    for slug, project in projects.items():
        summary = project["summary"][language]
        assert len(summary) <= 120, slug
        assert summary.split()[0].rstrip(",") in VERBS[language].split(), slug
        assert not summary.endswith("."), slug
        assert not JARGON.search(summary), slug


@pytest.mark.parametrize("language", sorted(LABELS))
def test_a_summary_is_written_and_not_cut_from_the_description(projects, language):
    summaries = [project["summary"][language] for project in projects.values()]
    assert len(set(summaries)) == len(summaries)
    for slug, project in projects.items():
        described = project.get("description", {}).get(language, "")
        assert not described.lower().startswith(project["summary"][language].lower()), slug


def test_every_text_for_readers_is_in_every_language_of_the_catalogue(texts):
    assert len(texts) > 600
    easy = [text for text in texts if all(isinstance(said, dict) for said in text.values())]  # ours, in two languages
    assert [text for text in easy if set(text) != {"en", "fr"}] == []
    rest = [text for text in texts if text not in easy]
    assert [text for text in rest if set(text) != LABELS or not all(text.values())] == []


def test_french_has_the_apostrophe_of_print(french):
    assert [found[0] for text in french for found in re.finditer(r"\S*\w'\w\S*", text)] == []


def test_french_breaks_no_line_before_a_stop_or_inside_quotation_marks(french):
    """There it has a no-break space, wide or narrow; an address, a time or a key of a file has none."""
    assert [found[0] for text in french for found in re.finditer(r"\S* [:;!?»]|« \S*", text)] == []


def test_an_id_is_the_one_that_the_slug_gives(content, projects, organizations):
    manifest = UUID(content["manifest"]["id"])
    for kind, records in (("project", projects), ("organization", organizations)):
        for slug, record in records.items():
            first = record.get("former", [slug])[0]
            assert record["id"] == str(uuid5(manifest, f"{kind}:{first}")), slug


def test_an_adoption_is_shown_as_found_in_a_public_source(projects):
    for adoption in adoptions(projects):
        assert adoption["verification"] == "found-in-public-source"
        assert adoption["visibility"] == "public"
        assert re.fullmatch(r"20\d\d(-\d\d){0,2}", adoption["seen_at"]) and adoption["seen_at"] <= LAST_GATHERED
        assert adoption["sources"]


def test_a_stage_is_told_of_few_uses_and_only_with_what_states_it(projects, terms):
    told = [adoption for adoption in adoptions(projects) if "stage" in adoption]
    assert 0 < len(told) < len(adoptions(projects)) / 4
    assert all(adoption["stage"] in terms["stage"] and adoption["sources"] for adoption in told)


def test_every_record_has_sources(projects, organizations):
    for record in chain(projects.values(), organizations.values()):
        assert record["sources"], record["slug"]


def test_every_organization_that_is_named_is_there(projects, organizations):
    named = set()
    for project in projects.values():
        parts = chain(project.get("adoptions", ()), project.get("maintenance", ()))
        named |= {part[key] for part in parts for key in ("organization", "provider") if key in part}
        named |= set(project.get("runs", {}).get("hosted", ()))
    assert named <= set(organizations)
    founders = {"fondaction", "filaction", "caisse-economie-solidaire-desjardins", "credit-cooperatif", "macif",
                "groupe-cheque-dejeuner"}  # fmt: skip
    assert founders | {"ai2l"} <= set(organizations)


def test_no_address_of_a_person_is_in_the_content():
    files = [ROOT / "catalog.yaml", *(ROOT / "forge" / "i18n" / "pages").rglob("*.md"),
             *(ROOT / "catalog" / "vocabularies").glob("*.yaml")]  # fmt: skip
    assert not [file for file in files if ADDRESS.search(file.read_text(encoding="utf-8"))]


def test_a_group_of_contributors_stands_without_the_name_of_one(organizations):
    for organization in organizations.values():
        if organization.get("kind") == "contributor-community":
            assert "(" not in organization["name"], organization["name"]


def test_a_license_says_only_or_or_later_where_a_file_or_page_that_is_named_states_it(projects):
    told = {slug for slug, project in projects.items() if re.search("-only|-or-later", project.get("license", ""))}
    assert len(told) > 50
    for slug in told:
        assert projects[slug]["evidence"]["license"]["source"], slug
    for record in gathered("projects.yaml"):
        project = projects.get(record["id"], {})
        stated = str(project.get("evidence", {}).get("license", ""))
        if record["licence"].get("or_later") == "unverified" and record["id"] not in told and "license" in project:
            assert without_suffix(project["license"]) == without_suffix(record["licence"]["spdx"]), stated


def test_a_license_that_was_not_seen_is_left_out_and_the_notes_say_so(projects):
    unseen = {slug for slug, project in projects.items() if "license" not in project}
    assert unseen == {"map-sse"}
    for slug in unseen:
        assert re.search("licen[cs]e", projects[slug]["notes"]["en"], re.IGNORECASE), slug


@pytest.mark.parametrize("slug", ["lokavaluto-addons", "amapress", "demarche-numerique", "gogocarto", "tracim"])
def test_licenses_that_contradict_one_another_are_told(projects, slug):
    assert "GPL" in projects[slug]["notes"]["en"]
    assert "GPL" in projects[slug]["notes"]["fr"]


def test_what_is_not_free_is_context_only(projects):
    context = {slug for slug, project in projects.items() if project.get("context_only") == "true"}
    assert {slug: projects[slug]["license"] for slug in context} == {
        "coopcycle": "LicenseRef-Coopyleft",
        "csa-admin": "LicenseRef-OSaasy",
    }
    licenses = {slug: project["license"] for slug, project in projects.items() if "license" in project}
    assert {slug for slug, license_id in licenses.items() if not expressions.is_free(license_id)} == context


def test_a_country_is_told_only_where_a_source_shows_it(organizations):
    assert 100 < sum("country" in organization for organization in organizations.values()) < len(organizations)
    for record in gathered("organisations.yaml"):
        if record["id"] in organizations:
            told = organizations[record["id"]]
            if told.get("country", record.get("country")) != record.get("country"):
                assert "country" in told["evidence"], record["id"]


def test_a_status_is_told_only_where_the_makers_said_so(projects, terms):
    told = {slug: project for slug, project in projects.items() if "status" in project}
    assert {"oressource", "sigmah"} <= told.keys() and len(told) < len(projects) / 10
    for slug, project in told.items():
        source = project["evidence"]["status"]["source"].partition("@")[0]  # a mirror of theirs has another owner
        assert project["status"] in terms["status"]
        assert source.partition("/")[2] == repository_name(project["repository"]), slug


def test_domains_are_one_to_eight_terms_of_the_second_level(projects, terms):
    for slug, project in projects.items():
        assert 1 <= len(project["domains"]) <= 8, slug
        assert all("parent" in terms["domain"][term] for term in project["domains"]), slug


def test_the_other_terms_are_in_their_vocabularies(projects, organizations, terms):
    for project in projects.values():
        assert set(project.get("made_for", ())) <= set(terms["organization-kind"]) | set(terms["size"])
        assert {claim["term"] for claim in project.get("audiences", ())} <= set(terms["audience"])
        assert {claim["term"] for claim in project.get("inclusion", ())} <= set(terms["inclusion-feature"])
        assert {relation["type"] for relation in project.get("relations", ())} <= set(terms["relation"])
        assert {record["role"] for record in project.get("maintenance", ())} <= set(terms["role"])
    assert {organization["kind"] for organization in organizations.values() if "kind" in organization} <= set(
        terms["organization-kind"]
    )


def test_a_claim_of_inclusion_is_only_declared(projects):
    for project in projects.values():
        for claim in chain(project.get("audiences", ()), project.get("inclusion", ())):
            assert claim["evidence"] == "declared"


def test_the_vocabularies_are_those_that_the_product_uses():
    assert {file.stem for file in (ROOT / "catalog" / "vocabularies").glob("*.yaml")} == VOCABULARIES


@pytest.mark.parametrize("name", sorted(VOCABULARIES))
def test_a_vocabulary_has_five_labels_a_term_and_names_source_and_license(name):
    vocabulary = shipped(f"catalog/vocabularies/{name}.yaml")
    assert vocabulary["vocabulary"] == name
    assert set(vocabulary["title"]) == LABELS
    assert "CC0-1.0" in vocabulary["source"]
    if "purl.org/essglobal" in str(vocabulary["terms"]):
        assert "CC BY 3.0" in vocabulary["source"]
    slugs = [term["slug"] for term in vocabulary["terms"]]
    assert len(set(slugs)) == len(slugs)
    for term in vocabulary["terms"]:
        assert set(term["label"]) == LABELS, term["slug"]
        assert all(term["label"].values()), term["slug"]
        if name != "rule":  # each names the page that says what it asks
            assert set(term["definition"]) == LABELS, term["slug"]
            assert all(term["definition"].values()), term["slug"]
        assert term.get("parent", term["slug"]) in slugs


def test_a_collection_gives_a_reason_for_each_project(content, projects):
    assert {"suite", "run-an-association"} <= {collection["slug"] for collection in content["collections"]}
    for collection in content["collections"]:
        for project in collection["projects"]:
            assert project["project"] in projects
            assert project["reason"]


def test_the_suite_is_free_software_whose_license_was_seen(content, projects):
    suite = next(collection for collection in content["collections"] if collection["slug"] == "suite")
    for project in suite["projects"]:
        assert "license" in projects[project["project"]]
        assert "context_only" not in projects[project["project"]]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_rests_on_the_same_sources_in_both_languages(name):
    def outside(language: str) -> set[str]:
        text = (ROOT / "forge" / "i18n" / "pages" / language / f"{name}.md").read_text(encoding="utf-8")
        return {link.removesuffix("/deed.fr").rstrip("/") for link in re.findall(r"\]\((https?://[^)\s]+)\)", text)}

    assert outside("en") == outside("fr")
    assert outside("en")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_link_of_a_page_to_a_record_leads_to_one(content, projects, organizations, language):
    known = {"projects": projects, "organizations": organizations,
             "collections": {collection["slug"] for collection in content["collections"]}}  # fmt: skip
    for name in PAGES:
        text = (ROOT / "forge" / "i18n" / "pages" / language / f"{name}.md").read_text(encoding="utf-8")
        for kind, slug in re.findall(rf"\]\(/{language}/(projects|organizations|collections)/([a-z0-9-]+)\)", text):
            assert slug in known[kind], f"{name}: {kind}/{slug}"
