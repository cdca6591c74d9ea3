"""Records of the document for tests: valid and dull by default, changed by keywords; and strategies of nasty whole
ones.

Cast: `galette` is the project, `ana-maintains` looks after it, `coop-des-halles` adopts it.
"""

from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from catalog import model, value_types
from catalog import text_rules as rules
from catalog.vocabulary import vocabulary

MANIFEST_ID = UUID("6f1e8a3c-1111-4222-8333-444455556666")


def a_manifest(**changes: Any) -> model.Manifest:
    given: dict[str, Any] = {"id": MANIFEST_ID, "name": {"en": "A catalogue"}, "languages": ("en", "fr")}
    return model.Manifest(**(given | changes))


def a_project(slug: str = "galette", **changes: Any) -> model.Project:
    given: dict[str, Any] = {
        "slug": slug,
        "name": slug.capitalize(),
        "summary": {"en": "Keep the list of members", "fr": "Tenir la liste des adhérents"},
        "repository": f"https://github.com/example/{slug}.git",
        "domains": ("member-management",),
        "license": "GPL-3.0-or-later",
        "sources": ("https://example.org/source",),
    }
    found = given | changes
    if isinstance(found.get("features"), dict):  # lines by language, for tests that are not about sources
        found["features"] = model.features_of_lines(found["features"])
    found["screenshots"] = tuple(
        model.Screenshot(screenshot) if isinstance(screenshot, str) else screenshot
        for screenshot in found.get("screenshots", ())
    )
    return model.Project(**found)


def an_organization(slug: str = "coop-des-halles", **changes: Any) -> model.Organization:
    given: dict[str, Any] = {"slug": slug, "name": slug.replace("-", " "), "kind": "cooperative", "country": "FR"}
    return model.Organization(**(given | changes))


def an_adoption(organization: str = "coop-des-halles", **changes: Any) -> model.Adoption:
    given: dict[str, Any] = {"organization": organization, "sources": ("https://example.org/users",)}
    return model.Adoption(**(given | changes))


def a_maintenance(organization: str = "ana-maintains", **changes: Any) -> model.Maintenance:
    given: dict[str, Any] = {"organization": organization, "role": "lead"}
    return model.Maintenance(**(given | changes))


def a_collection(slug: str = "suite", **changes: Any) -> model.Collection:
    given: dict[str, Any] = {
        "slug": slug,
        "title": {"en": "The suite"},
        "projects": (model.CollectionProject("galette", {"en": "It is used."}),),
    }
    return model.Collection(**(given | changes))


def a_document(**changes: Any) -> model.Document:
    """One project, maintained by one organization, adopted by another, in one collection."""
    given: dict[str, Any] = {
        "manifest": a_manifest(),
        "collections": (a_collection(),),
        "projects": (a_project(maintenance=(a_maintenance(),), adoptions=(an_adoption(),)),),
        "organizations": (an_organization(), an_organization("ana-maintains", kind="tech-collective")),
    }
    return model.Document(**(given | changes))


_LANGUAGES = ("en", "fr", "es", "pt", "ar", "pt-BR", "zh-Hans")
_NASTY = (
    "yes", "null", "~", "NO", "1.10", "2019-01-01", "0x1f", "- a", "-", "? b", "a: b", "a:", ": a", "a #b", "#a",
    "a # b", "'a'", "''", "it's", '"a"', "[a]", "{a: b}", "a, b", "&a", "*a", "!a", "%a", "@a", "`a`", "|", ">",
    "|-", "---", "...", "<<", "=", " a", "a ", "  a  ", "a\tb", "\ta", "تعاونية", "ضع: هنا #1", "émoji 🧑‍🌾 ok",
    "a\u2028b", "a\xa0b", "\u200fa", "back\\slash\\n", "a  b", "C'est l'été : oui", "x" * 200, "word " * 60 + "end",
    "a - b " * 40 + "c",
    "l'avenir : " * 30 + "fin", "--- a", "... b", "\u202eabc",
)  # fmt: skip
_PARAGRAPHS = (
    "a\nb", "a\n", "a\n\n", "a\n\n\nb\n", "\na", "\n", " a\nb", "a\n b", "a \nb", "a\n \nb",
    "# Title\n\n- one\n- two\n",
    "a:\n  b: c\n", "```\n\tcode\n```\n", "مرحبا\nبكم", "a\n---\nb", "a\n...\n", "'a\nb'", "a\n#b", "a\n\n ", "\t\na",
    "word " * 50 + "\n" + "long " * 50, "a\n\t", "\n\na",
)  # fmt: skip
_CHARACTERS = st.characters(
    exclude_categories=("Cs", "Cc"), include_characters="\n\t", exclude_characters="\ufeff\ufffe\uffff@"
)


def _says_something(text: str) -> bool:
    return bool(text.strip())


def texts(paragraphs: bool = False) -> st.SearchStrategy[str]:
    """Texts that the document accepts, most of them hard to write in YAML."""
    drawn = st.text(_CHARACTERS, min_size=1, max_size=150).filter(_says_something)
    one_line = drawn.map(lambda text: text.replace("\n", " ")).filter(_says_something)
    if not paragraphs:
        return st.one_of(st.sampled_from(_NASTY), one_line)
    return st.one_of(st.sampled_from(_NASTY + tuple(filter(_says_something, _PARAGRAPHS))), drawn)


def words(least: int = 0, paragraphs: bool = True, longest: int | None = None) -> st.SearchStrategy[dict[str, str]]:
    strategy = texts(paragraphs)
    if longest:
        strategy = strategy.map(lambda text: text[:longest]).filter(_says_something)
    return st.dictionaries(st.sampled_from(_LANGUAGES), strategy, min_size=least, max_size=3)


def _few(of: st.SearchStrategy[Any], most: int = 3, by: Any = None) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.just(()) if of.is_empty else st.lists(of, max_size=most, unique_by=by or (lambda value: value)).map(tuple)


def _maybe(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | of


def _term(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(list(vocabulary(name).terms))


_URL = st.sampled_from(
    ["https://example.org/", "http://xn--e1afmkfd.example/a?b=c#d", "https://example.org/" + "a" * 150]
)
_COMMIT = "a/b@" + "0123456789abcdef" * 2 + "01234567"
_SOURCE = _URL | st.sampled_from(
    [
        *("galette/galette:README.md", "a/b:docs/l'été: notes #1.md", "a/b:LICENSE#L1", "a/b:x y.md#L12-L20"),
        *("a/b:README.md#How to: install", _COMMIT, f"{_COMMIT}:LICENSE#L1"),
    ]
)
_DATE = st.sampled_from(["2019", "2019-05", "2020-02-29"])


def _maintenances(slugs: tuple[str, ...]) -> st.SearchStrategy[model.Maintenance]:
    by_organization = st.builds(
        model.Maintenance, role=_term("role"), organization=st.sampled_from(slugs), sources=_few(_SOURCE)
    )
    return by_organization | st.builds(model.Maintenance, role=_term("role"), person=texts(), sources=_few(_SOURCE))


def _former_stages() -> st.SearchStrategy[tuple[model.FormerStage, ...]]:
    strategy = st.builds(model.FormerStage, at=_DATE, stage=_maybe(_term("stage")), since=_maybe(_DATE))
    return _few(strategy, by=lambda former: (former.at, former.stage, former.since))


def _adoptions(slugs: tuple[str, ...]) -> st.SearchStrategy[model.Adoption]:
    ended = {"stage": st.sampled_from(["stopped", "not-retained"]), "reasons": _few(_term("stop-reason"))}
    return _adoption(slugs, stage=_maybe(_term("stage"))) | _adoption(slugs, **ended)


def _adoption(slugs: tuple[str, ...], **drawn: st.SearchStrategy[Any]) -> st.SearchStrategy[model.Adoption]:
    return st.builds(
        model.Adoption,
        organization=st.sampled_from(slugs),
        **drawn,
        since=_maybe(_DATE),
        until=_maybe(st.just("2024-01-31")),
        version=_maybe(texts()),
        purpose=words(),
        deployment=_maybe(_term("deployment")),
        provider=_maybe(st.sampled_from(slugs)),
        replaced=_few(texts()),
        people=_maybe(_term("people-band")),
        effort_days=_maybe(_term("effort-band")),
        cost_band=_maybe(_term("cost-band")),
        lesson=words(),
        again=_maybe(st.sampled_from(value_types.AGAIN)),
        before=_former_stages(),
        visibility=_term("visibility"),
        verification=_term("verification"),
        seen_at=_maybe(_DATE),
        sources=_few(_SOURCE),
    )


def _claims(name: str) -> st.SearchStrategy[tuple[model.AudienceClaim, ...]]:
    return _few(st.builds(model.AudienceClaim, _term(name), _term("evidence")), by=lambda claim: claim.term)


_PICTURE = st.sampled_from(["docs/screen.png", "a b/l'été #1.png", "galette/site:img/a.svg"])


def _evidence(noun: type, values: dict[str, Any]) -> st.SearchStrategy[dict[str, model.Evidence]]:
    """Evidence of some of the values that a record states."""
    given = st.builds(model.Evidence, _SOURCE, _DATE)
    stated = [name for name in rules.FieldName(lambda: noun).known if values.get(name) not in (None, (), {}, False)]
    chosen = given | st.just(model.Evidence(rules.CHOSEN_BY_EDITORS))
    return st.fixed_dictionaries(
        {}, optional={name: chosen if name in rules.CHOSEN_FIELDS else given for name in stated}
    )


def _with_evidence(record: Any) -> st.SearchStrategy[Any]:
    return _evidence(type(record), vars(record)).map(lambda evidence: replace(record, evidence=evidence))


_FEATURES = st.lists(
    st.builds(model.Feature, words(least=1, paragraphs=False))
    | st.builds(model.Feature, words(least=1, paragraphs=False), _SOURCE, _DATE),
    max_size=7,
).map(tuple)
_LAST_CHANGE = st.builds(
    model.LastChange,
    seen_at=st.just("2026-11-28"),
    source=_SOURCE,
    date=_DATE,
    release=_maybe(texts()),
    released=_maybe(_DATE),
    archived=st.booleans(),
) | st.builds(model.LastChange, seen_at=_DATE, source=_SOURCE, release=texts())


@cache
def _projects(slug: str, organizations: tuple[str, ...], others: tuple[str, ...]) -> st.SearchStrategy[model.Project]:
    accessibility = st.builds(
        model.Accessibility,
        texts(),
        st.sampled_from(["none", "partial", "full"]),
        _maybe(_URL),
        _maybe(st.just("2024")),
    )
    languages = st.builds(model.ScreenLanguage, st.sampled_from(_LANGUAGES), _maybe(st.integers(0, 100)))
    runs = st.builds(model.Runs, _maybe(_URL), _few(st.sampled_from(organizations)), _maybe(_term("hardness")))
    relations = st.builds(model.Relation, _term("relation"), st.sampled_from(others)) if others else st.nothing()
    easy = st.builds(model.EasyText, texts(), _maybe(texts()), _maybe(_DATE))
    return st.builds(
        model.Project,
        slug=st.just(slug),
        id=_maybe(st.uuids()),
        former=st.sampled_from([(), (f"{slug}-before",)]),
        name=texts(),
        summary=words(least=1, paragraphs=False, longest=120),
        easy_to_read=st.dictionaries(st.sampled_from(_LANGUAGES), easy, max_size=2),
        description=words().map(lambda given: {language: f"¶{text}" for language, text in given.items()}),
        features=_FEATURES,
        repository=_maybe(st.just(f"https://github.com/example/{slug}.git")),
        other_repositories=_few(st.just("https://example.org/code")),
        **{
            name: _maybe(_URL)
            for name in ("homepage", "documentation", "demo", "issues", "roadmap", "security_contact")
        },
        manuals=st.dictionaries(st.sampled_from(_LANGUAGES), _URL, max_size=2),
        support=_maybe(st.builds(model.Support, _URL, _few(st.sampled_from(_LANGUAGES)))),
        domains=_few(_term("domain")),
        made_for=_few(_term("organization-kind") | _term("size")),
        audiences=_claims("audience"),
        inclusion=_claims("inclusion-feature"),
        accessibility=_maybe(accessibility),
        license=_maybe(st.sampled_from(["MIT", "AGPL-3.0", "GPL-2.0-only OR MIT", "LicenseRef-Own"])),
        languages=_few(languages, by=lambda language: language.term),
        programming_languages=_few(texts()),
        standards=_few(texts()),
        deployment_countries=_few(st.sampled_from(["FR", "NO", "BR"])),
        replaces=_few(texts()),
        runs=_maybe(runs),
        cost=words(),
        leaving=_maybe(st.builds(model.Leaving, _few(texts()), _few(texts()), words())),
        governance=words(),
        funding=_few(_URL),
        logo=_maybe(_PICTURE),
        screenshots=_few(
            st.builds(model.Screenshot, _PICTURE, words(paragraphs=False)), by=lambda picture: picture.path
        ),
        last_change=_maybe(_LAST_CHANGE),
        status=_maybe(_term("status")),
        relations=_few(relations, by=lambda relation: (relation.type, relation.project)),
        maintenance=_few(
            _maintenances(organizations),
            by=lambda maintenance: (maintenance.organization, maintenance.person, maintenance.role),
        ),
        adoptions=_few(_adoptions(organizations), by=lambda adoption: adoption.organization),
        sources=_few(_SOURCE),
        notes=words(),
    ).flatmap(_with_evidence)


@cache
def _organizations(slug: str) -> st.SearchStrategy[model.Organization]:
    return st.builds(
        model.Organization,
        slug=st.just(slug),
        id=_maybe(st.uuids()),
        former=st.sampled_from([(), (f"{slug}-before", f"{slug}-between")]),
        name=texts(),
        about=words(paragraphs=False, longest=120),
        kind=_maybe(_term("organization-kind")),
        family=_maybe(st.sampled_from(vocabulary("organization-kind").top)),
        function=_maybe(_term("organization-function")),
        country=_maybe(st.just("FR")),
        region=_maybe(st.just("FR-BRE")),
        homepage=_maybe(_URL),
        networks=_few(texts()),
        identifiers=st.dictionaries(st.sampled_from(["siren", "ror", "null", "no"]), texts(), max_size=2),
        logo=_maybe(_PICTURE),
        sources=_few(_SOURCE),
        notes=words(),
    ).flatmap(_with_evidence)


@st.composite
def documents(draw: st.DrawFn) -> model.Document:
    """Whole valid documents with nasty texts, not in canonical order, some records without id."""
    organizations = draw(st.sampled_from([("ana",), ("null", "ana"), ("no", "1")]))
    projects = draw(st.sampled_from([(), ("galette",), ("true", "2019")]))
    return draw(_documents(organizations, projects))


@cache
def _documents(organizations: tuple[str, ...], projects: tuple[str, ...]) -> st.SearchStrategy[model.Document]:
    listed = st.builds(model.CollectionProject, st.sampled_from(projects), words()) if projects else st.nothing()
    manifest = st.builds(
        model.Manifest,
        id=st.uuids(),
        name=words(least=1, paragraphs=False),
        languages=st.just(("en", "fr")),
        readers=words(paragraphs=False),
        operator=_maybe(st.builds(model.Operator, texts(), _maybe(_URL), _maybe(st.just("FR")))),
        contact=_maybe(st.sampled_from(["https://example.org/contact", "contact@example.org"])),
        criteria=words(),
        validation=words(),
        refresh=words(),
        data_license=st.builds(model.DataLicense, st.just("CC0-1.0"), st.sampled_from(["CC-BY-4.0", "CC-BY-SA-4.0"])),
        peers=_few(_URL),
    )
    in_it = _few(listed, by=lambda entry: entry.project)
    collection = st.builds(model.Collection, st.just("suite"), words(1, False), words(), in_it)
    others = {slug: tuple(project for project in projects if project != slug) for slug in projects}
    return st.builds(
        model.Document,
        manifest=manifest,
        collections=st.lists(collection, max_size=1).map(tuple),
        projects=st.tuples(*(_projects(slug, organizations, others[slug]) for slug in projects)),
        organizations=st.tuples(*map(_organizations, organizations)),
    )
