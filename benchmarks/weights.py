"""What pages of the shipped catalogue weigh on the wire, kind by kind, the heaviest of each, beside their budgets.

It prints a table; `tests/test_weights.py` holds the pages to the budgets. Bytes are those of gzip at level 6, as the
site packs them, without headers.
"""

import gzip
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from starlette.testclient import TestClient

from catalog.document import check
from catalog.model import Document
from catalog.search import Finder, IndexWriter
from catalog.store.store import Store
from forge.app import create_app
from forge.config.settings import Settings
from forge.server.index_follower import catch_up

DOCUMENT = Path(__file__).parents[1] / "catalog.yaml"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TAGS = ("fr", "ar")  # the longest words, and the letters of two bytes
PAGE_BYTES, RESULTS_BYTES, STYLE_BYTES = 14_000, 20_000, 12_000  # compressed
MAP_PAGE_BYTES = 22_000  # the list of organizations: its map has 13 kB


@dataclass(frozen=True)
class Weight:
    """The heaviest page of a kind."""

    kind: str
    address: str
    packed_bytes: int
    plain_bytes: int
    budget_bytes: int


@contextmanager
def shipped(folder: Path) -> Iterator[tuple[TestClient, Document]]:
    """The site over the catalogue that lies beside the code, in a folder of its own, as readers meet it."""
    document, problems = check(DOCUMENT)
    if document is None:
        raise ValueError(f"{DOCUMENT} does not load: {problems[0]}")
    settings = Settings(data=folder, base_url="https://catalogue.example.org")
    store = Store(f"sqlite:///{folder / 'catalog.db'}")
    try:
        store.migrate()
        manifest = replace(document.manifest, languages=tuple(dict.fromkeys((*document.manifest.languages, *TAGS))))
        store.curated_document.load(replace(document, manifest=manifest), digest="1", now=NOW)
        writer = IndexWriter.open(settings.search)
        assert writer is not None
        with writer:
            catch_up(store, writer)
        with TestClient(create_app(settings, store, Finder(settings.search), clock=lambda: NOW)) as client:
            client.headers["host"] = "catalogue.example.org"
            yield client, document
    finally:
        store.close()


def weighed(
    client: TestClient, document: Document, tags: Sequence[str] = TAGS, only: Sequence[str] | None = None
) -> list[Weight]:
    """The heaviest page of each kind in these languages, the heaviest kinds of a budget first; `only`: of these."""
    found = []
    for kind, (budget, paths) in _kinds(document).items():
        if only is not None and kind not in only:
            continue
        addresses = [f"/{tag}{path}" for tag in tags for path in paths]
        found.append(
            max(
                (_weight(client, kind, address, budget) for address in addresses),
                key=lambda weight: weight.packed_bytes,
            )
        )
    style = client.get("/en/").text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    return [*sorted(found, key=lambda weight: -weight.packed_bytes), _weight(client, "style sheet", style, STYLE_BYTES)]


def _kinds(document: Document) -> dict[str, tuple[int, list[str]]]:
    projects = [project.slug for project in document.projects]
    # Long records make long pages: the 20 of most words stand for all.
    long = sorted(document.projects, key=lambda project: -len(repr(project)))[:20]
    used = sorted({adoption.organization for project in long for adoption in project.adoptions})[:20]
    domains = sorted({domain for project in document.projects for domain in project.domains})
    four = "&".join(f"p={project.slug}" for project in long[:4])
    countries = sorted({organization.country for organization in document.organizations if organization.country})
    return {
        "home": (PAGE_BYTES, ["/"]),
        "project": (PAGE_BYTES, [f"/projects/{project.slug}" for project in long]),
        "organization": (PAGE_BYTES, [f"/organizations/{slug}" for slug in used]),
        "need": (PAGE_BYTES, [f"/domains/{slug}" for slug in domains[:20]]),
        "form": (PAGE_BYTES, ["/register", f"/projects/{projects[0]}/declare", "/sign-in", "/calls/new?kind=need"]),
        "help": (PAGE_BYTES, ["/help", "/help/use", "/help/words", "/about", "/legal", "/accessibility"]),
        "results": (RESULTS_BYTES, ["/projects", "/projects?q=association", "/projects?sort=name&page=2"]),
        "facts": (PAGE_BYTES, [f"/projects/{project.slug}/facts" for project in long[:5]]),
        "sheet": (PAGE_BYTES, [f"/compare/sheet?p={long[0].slug}", f"/compare/sheet?{four}"]),
        "place": (PAGE_BYTES, [f"/places/{country}" for country in countries]),
        "log, calls": (PAGE_BYTES, ["/log", "/calls"]),
        "filters": (RESULTS_BYTES, ["/projects/filters"]),
        "comparison": (RESULTS_BYTES, [f"/compare?{four}"]),
        "organizations": (MAP_PAGE_BYTES, ["/organizations"]),
        "statistics": (PAGE_BYTES, ["/statistics"]),
        "places": (PAGE_BYTES, ["/places"]),
    }


def _weight(client: TestClient, kind: str, address: str, budget_bytes: int) -> Weight:
    answer = client.get(address, headers={"accept-encoding": "identity"})
    if answer.status_code != 200:
        raise ValueError(f"{address} answers {answer.status_code}.")
    return Weight(kind, address, len(gzip.compress(answer.content, 6)), len(answer.content), budget_bytes)


def printed(weights: Sequence[Weight]) -> str:
    lines = [f"{'kind':<16}{'packed':>9}{'plain':>10}{'budget':>9}  heaviest page"]
    for weight in weights:
        packed, plain, budget = (size / 1000 for size in (weight.packed_bytes, weight.plain_bytes, weight.budget_bytes))
        told = f"{packed:>6.1f} kB{plain:>7.1f} kB{budget:>6.0f} kB"
        missed = "  MISSED" if weight.packed_bytes > weight.budget_bytes else ""
        lines.append(f"{weight.kind:<16}{told}  {weight.address}{missed}")
    return "\n".join(lines)


def report() -> str:
    """The table of the shipped catalogue."""
    with tempfile.TemporaryDirectory(prefix="forge-weights-") as folder, shipped(Path(folder)) as (client, document):
        return printed(weighed(client, document))


if __name__ == "__main__":
    print(report())
