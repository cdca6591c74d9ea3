"""Made-up values for the style guide, in the shapes that real pages are given."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from catalog.licenses.compatibility import CompatibilityAnswer
from catalog.model import Accessibility, Adoption, Project, Runs, ScreenLanguage
from catalog.publication.model import PublicProject
from catalog.store.adoptions.experiences import Experience
from catalog.store.core.read_models import (
    AdoptionLine,
    Card,
    Mirror,
    OrganizationCard,
    PlaceCounts,
    UseCounts,
    UseNumbers,
    UseTallies,
)
from catalog.store.federation.received.records import OtherCatalogue
from forge.i18n.languages import PageLanguage
from forge.web.compare.columns import MAIN_FACTS, Column, fact_rows
from forge.web.compare.sheet_sources import FactSource
from forge.web.core.bar_chart import bars
from forge.web.core.qr import qr_code
from forge.web.core.source_names import SourceName
from forge.web.facts.fact_groups import FactOrigin
from forge.web.organizations.world_map import LEVELS, world_map
from forge.web.projects.activity import alive_view
from forge.web.projects.profile import adoptions_by_sort, license_view
from forge.web.projects.reader_context import Reader, reader_choices
from forge.web.projects.shared_values import SharedValues
from forge.web.projects.similar import similar_projects

_NONE = UUID(int=1)
_GROUPS = (("FR", 12), ("ES", 3), ("BR", 30))
_DRAWN = ("FR", "ES", "BR", "PT", "IT", "DE", "MA", "DZ", "AR", "BO", "CO", "PE", "UY", "VE")  # of the sample's map
GROUP = OrganizationCard(
    _NONE, "example", "Coop des Halles", "cooperative", "FR", uses=UseNumbers(confirmed=1, found=1)
)


def samples(page_language: PageLanguage, known: Card, bare: Card, now: datetime) -> dict[str, Any]:
    """What the style guide draws beside forms, filters and cards; `known` and `bare` are its two cards."""
    words = {page_language.tag: page_language.gettext("Keep track of members and their fees")}
    adoption = Adoption("example", stage="in-production", since="2021", purpose=words, verification="domain-confirmed",
                    people="p6-20", cost_band="c101-1000", seen_at="2026-11-01")  # fmt: skip
    line = AdoptionLine(adoption, "declared", GROUP, "example", "Galette", confirmed=True, confirmed_at=now)
    found = replace(
        line, adoption=replace(adoption, verification="found-in-public-source", purpose={}), confirmed=False
    )
    columns = [_column(known, words, now), _column(bare, words, now)]
    call = SimpleNamespace(
        reference="EXAMPLE", language=page_language.tag, title=words[page_language.tag], kind="translate", state="open",
        ends_at=now + timedelta(days=90), ended_at=None, country="FR", record={},
    )  # fmt: skip
    tallies = UseTallies(countries=_GROUPS, kinds=(("cooperative", 3), ("association", 1)))
    answers = {
        "context": words[page_language.tag],
        "advice": words[page_language.tag],
        "again": "yes",
        "effort_days": "d2-5",
    }
    numbers = {"languages": (1,)}
    notes = (FactSource(FactOrigin("observed", file="LICENSE"), "", now),)
    return {
        "lines": (line, found),
        "columns": columns,
        "facts": fact_rows(columns, MAIN_FACTS),
        "project": columns[0].record,
        "alike": similar_projects(known.domains, [known], now),
        "compared": [("p", known.slug), ("p", bare.slug)],
        "alive": alive_view(columns[0].found, now),
        "map": world_map(dict(_GROUPS), _DRAWN),
        "levels": LEVELS,
        "places": [PlaceCounts(code, UseNumbers(number // 3, 0, number - number // 3), 1) for code, number in _GROUPS],
        "bars": bars(sorted(_GROUPS, key=lambda pair: -pair[1])),
        "reader": Reader("FR", ""),
        "shared_values": SharedValues(True, SourceName("readme", "group/tool"), "2026-11-03"),
        "choice": reader_choices(tallies, Reader("FR", ""), page_language),
        "call": SimpleNamespace(
            call=call, project_slug="example", project_name="Galette", organization=GROUP, named=2, unnamed=5
        ),
        "own_experience": Experience("EXAMPLE", GROUP, page_language.tag, answers, None, now, "in-production", "2021"),
        "elsewhere": SimpleNamespace(
            organization=GROUP, record={"again": "yes", "advice": words}, at=now,
            catalogue=OtherCatalogue(_NONE, words, "example.org", None, now, "CC-BY-4.0", None, _NONE, False,
                "peer:example.org"),
        ),
        "blocked": SimpleNamespace(
            audience="visual-impairment", language=page_language.tag, at=now,
            record={"where": words[page_language.tag], "happened": words[page_language.tag]},
            state="received", answer=None, telling="told", notified_at=now,
        ),
        "accessibility": Accessibility("WCAG 2.2 AA", "partial", "https://example.org/report", "2026"),
        "file": FactOrigin("observed", file="LICENSE"),
        "pair": SimpleNamespace(code=columns[0], work=columns[1], answer=CompatibilityAnswer(None), both=True),
        "qr": qr_code("https://example.org/"),
        "source_numbers": numbers,
        "users": adoptions_by_sort((line, found)),
        "notes": notes,
        "group": SimpleNamespace(organization=GROUP, projects=(("example", "Galette"),), confirmed=False, region=None),
    }  # fmt: skip


def _column(card: Card, words: dict[str, str], now: datetime) -> Column:
    runs = Runs(online="https://example.org", self_hosted="easy") if card.runs_online else None
    record = Project(card.slug, card.name, words, languages=tuple(map(ScreenLanguage, card.languages)), runs=runs,
                     made_for=card.made_for, license=card.license)  # fmt: skip
    counts = UseCounts(card.confirmed_uses, card.declared_uses, card.found_uses, 0, card.countries)
    months = {"commits": 78, "whole": True, "people_in_year": 3, "changes_in_year": 78, "months": [*range(1, 13)],
              "first_commit_at": "2011-01-01T00:00:00Z", "as_of": now.isoformat()}  # fmt: skip
    mirror = Mirror(card.id, "https://example.org/code", "mirrored", last_commit_at=card.last_commit_at,
                    last_success_at=now, observation={"activity": months}) if card.last_commit_at else None  # fmt: skip
    page = PublicProject(card.id, record, now, now, uses=counts, mirror=mirror)
    return Column(page, record, license_view(card.license, None), "active" if card.last_commit_at else None)
