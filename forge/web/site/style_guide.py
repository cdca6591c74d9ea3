"""The style guide: every component of pages, drawn by the same macros with made-up values.

It reads no record. Operators who change colours, words or templates see here how each part looks.
"""

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from catalog.sentences import mark
from catalog.store.core.read_models import Card
from forge.web.core.form import Form
from forge.web.core.list_query import ListQuery, page_numbers
from forge.web.core.render import now_of, page
from forge.web.search.facets import FacetChoices, Option, adopter_facets, evidence_facet, filter_value_label
from forge.web.site.style_guide_data import samples
from forge.web.wording import calls

CHOICES = (
    ("daily", mark("Every day"), mark("It is part of our daily work.")),
    ("trying", mark("We are trying it"), ""),
)
_MADE_UP = re.compile(r"^/(?:projects|organizations|calls)/(?:example|EXAMPLE|unknown)\b")
_COLORS = ("paper", "card", "ink", "soft", "link", "band", "accent", "note", "warn")


def style_guide_page(request: Request) -> Response:
    """Each component once, with what it is for: with and without a value, right and wrong."""
    now, page_language = now_of(request), request.state.page_language
    query = ListQuery(filters={"language": ("fr",), "alive": ("active",)})
    options = [
        Option(tag, filter_value_label("language", tag, page_language), count, tag == "fr")
        for tag, count in (("fr", 12), ("ar", 3))
    ]
    known = Card(
        id=UUID(int=1),
        slug="example",
        name="Galette",
        summary={page_language.tag: page_language.gettext("Keep track of members and their fees")},
        domains=("member-management",),
        languages=("fr", "en", "ar"),
        license="GPL-3.0-or-later",
        context_only=False,
        runs_online=True,
        runs_hosted=True,
        self_hosted="easy",
        confirmed_uses=3,
        declared_uses=1,
        found_uses=12,
        countries=2,
        mirror_state=None,
        last_commit_at=now - timedelta(days=12),
        status=None,
        made_for=("association",),
        added_at=now,
        changed_at=now,
    )
    bare = replace(
        known, slug="unknown", languages=(), runs_online=False, runs_hosted=False, self_hosted=None, confirmed_uses=0,
        declared_uses=0, found_uses=0, countries=0, last_commit_at=None, context_only=True,
    )  # fmt: skip
    return page(
        request,
        "site/style-guide.html",
        to=partial(_sample_address, page_language.tag),
        colors=_COLORS,
        right=Form({"name": ["Coop des Halles"], "use": ["daily"], "said": ["Coop des Halles"]}),
        wrong=Form(
            {"address": ["galette.eu"]},
            {"address": NO_ADDRESS, "about": NO_TEXT, "choice": NO_CHOICE},
        ),
        choices=CHOICES,
        query=query,
        label=lambda name, value: filter_value_label(name, value, page_language),
        facets=(FacetChoices("language", page_language.gettext("Interface language"), tuple(options), 31),),
        selects=(FacetChoices("language", page_language.gettext("Language"), tuple(options), 0),),
        evidence=evidence_facet(ListQuery(filters={"evidence": ("checked",)}), page_language),
        ours=adopter_facets(
            {"family": [("association", 12), ("cooperative", 4)], "where": [("ES", 1), ("FR", 3)]},
            {"family": ("association", "cooperative"), "where": ("ES", "FR")},
            ListQuery(filters={"family": ("association",)}),
            page_language,
        ),
        cards=((known, "active"), (bare, None)),
        match=SimpleNamespace(label=FOUND_IN, language=page_language.tag, parts=(("Galette ", False), ("2.0", True))),
        numbers=page_numbers(5, 12),
        called=calls,
        **samples(page_language, known, bare, now),
    )


def _sample_address(language: str, path: str) -> str:
    """The address of a page; a made-up record has none, and its link leads back to the style guide."""
    return f"/{language}/about/components" if _MADE_UP.search(path) else f"/{language}{path}"


NO_ADDRESS = mark("Enter an address like https://example.org/group/tool")
NO_TEXT = mark("Write a few words")
NO_CHOICE = mark("Choose how you use it")
FOUND_IN = mark("Found in its versions:")
