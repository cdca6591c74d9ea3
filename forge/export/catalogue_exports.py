"""The exports of the whole catalogue by name: media type, what each holds, and the function that writes it from the
store. JSON Lines are written here, the public record of each project and organization and each public adoption, a line
with its `kind`; each other format has a module of its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import IO, Any

from catalog.publication.dataclass_json import leaving_json, leaving_text
from catalog.record_kind import ADOPTION, ORGANIZATION, PROJECT
from catalog.store.core.read_models import OURS
from catalog.store.exports.records import ExportedRecords
from forge.export import tables
from forge.export.catalogue_site import CatalogueSite
from forge.export.dcat import dcat
from forge.export.delimited import csv_pieces
from forge.web.facts.merged_record import record_shown

CSV, TURTLE, JSON = "text/csv; charset=utf-8", "text/turtle; charset=utf-8", "application/json"
JSON_LINES = "application/jsonl"
PIECE_BYTES = 50_000


@dataclass(frozen=True)
class WholeExport:
    """`write` goes through the store in batches and holds no more than one of them."""

    name: str  # of the file, below /export/
    format: str  # as the command line calls it
    media_type: str
    about: str  # in English, for lists of the exports
    write: Callable[[ExportedRecords, CatalogueSite, IO[bytes]], None]


def _write_table(
    make: Callable[[ExportedRecords, CatalogueSite], tables.Table],
) -> Callable[[ExportedRecords, CatalogueSite, IO[bytes]], None]:
    def write(store: ExportedRecords, home: CatalogueSite, out: IO[bytes]) -> None:
        out.writelines(csv_pieces(make(store, home)))

    return write


def _write_texts(
    make: Callable[[ExportedRecords, CatalogueSite], Iterable[str]],
) -> Callable[[ExportedRecords, CatalogueSite, IO[bytes]], None]:
    def write(store: ExportedRecords, home: CatalogueSite, out: IO[bytes]) -> None:
        out.writelines(_joined(make(store, home)))

    return write


def _joined(texts: Iterable[str]) -> Iterator[bytes]:
    """Yield texts joined to pieces worth writing."""
    pending: list[str] = []
    size = 0
    for text in texts:
        pending.append(text)
        size += len(text)
        if size >= PIECE_BYTES:
            yield "".join(pending).encode()
            pending, size = [], 0
    yield "".join(pending).encode()


WHOLE_EXPORTS: Mapping[str, WholeExport] = {
    whole_file.name: whole_file
    for whole_file in (
        WholeExport(
            *("projects.csv", "csv", CSV, "Every project, a line each"),
            _write_table(lambda store, home: tables.projects(store.projects(), home)),
        ),
        WholeExport(
            *("organizations.csv", "organizations-csv", CSV, "Every organization, a line each"),
            _write_table(lambda store, home: tables.organizations(store.organizations(), home)),
        ),
        WholeExport(
            *("adoptions.csv", "adoptions-csv", CSV, "Every public use of a project by an organization, a line each"),
            _write_table(lambda store, home: tables.adoptions(store.adoptions(), home)),
        ),
        WholeExport(
            *("catalog.ttl", "dcat", TURTLE, "The catalogue as DCAT-AP with ADMS assets (RDF, Turtle)"),
            _write_texts(lambda store, home: dcat(store.projects(), home)),
        ),
        WholeExport(
            *(
                "records.jsonl",
                "records",
                JSON_LINES,
                "Every project, organization and public use, a JSON object each",
            ),
            _write_texts(lambda store, home: json_lines(store)),
        ),
    )
}


# Fields whose value may name people who work for themselves: `maintenance`, `hosts` and `relations` say the rest.
_NAMING_OTHERS = frozenset({"runs", "maintenance", "relations"})


def json_lines(store: ExportedRecords) -> Iterator[str]:
    for public in store.projects():
        chosen = {name: choice for name, choice in public.chosen.items() if name not in _NAMING_OTHERS}
        record = record_shown(public.record, public.chosen)
        yield _line(PROJECT, replace(public, record=record, chosen=chosen, origin=OURS))
    for organization in store.organizations():
        yield _line(ORGANIZATION, organization)
    for adoption in store.adoptions():
        yield _line(ADOPTION, adoption)


def _line(kind: str, record: Any) -> str:
    return leaving_text({"kind": kind} | leaving_json(record)) + "\n"
