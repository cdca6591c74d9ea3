"""The whole public data in one file for everybody, and its import into an empty catalogue. `store.public_dump` decides
what is public.

Beside the tables, from which the same pages come, it holds the same as one document with its JSON Schema, a line on
where each record comes from, and plain words on what all of it is.
"""

import json
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from catalog.document import as_record
from catalog.document.json_schema import json_schema
from catalog.model import Document
from catalog.store.backup.public_dump import DumpCounts
from catalog.store.documents.imported_lists import Layer
from catalog.store.store import Store
from forge.backup import archive as archives
from forge.backup.archive import InvalidArchive

CARD = "public.json"
DOCUMENT, SCHEMA, ORIGINS, LICENSES, README = (
    "catalog.json",
    "schema.json",
    "origins.jsonl",
    "LICENSES.txt",
    "README.txt",
)

MAX_UNPACKED_BYTES = 4 * 10**9  # unpacked; that of 3,000 projects has some tens of millions

_README = """{name}: all public data, as of {day}

catalog.json    projects, organizations and who says publicly that they use what, as one document
schema.json     what may stand in catalog.json, as a JSON Schema
origins.jsonl   for each project and organization, a line: who says what is said of it, and under which licence
LICENSES.txt    how you may use all of this
public.json     what is in the folder tables
tables/         the same and all else that pages show, a JSON list a line: facts with their sources and dates, uses with
                what verifies them, experiences, calls for help, decisions

An empty Forge takes it over whole, and then shows the same pages: forge import catalog.tar.gz
It is then a copy with the same identity. Give it one of its own (the manifest's id) before it speaks for itself.

Not in it: names and addresses of persons, uses that their organization does not show to everybody, what waits for a
decision, the code itself (clone it from {address}/git/), and records of other catalogues, which are theirs to give.
Who takes back what they said is gone from the next file. Please fetch it again rather than keep an old one.
"""
_LICENSES = """Facts (names, addresses, versions, dates, who uses what): {facts}
Texts (descriptions, experiences, calls): {texts}
Please name the source: {name}, {address}

What was taken over from others is marked in origins.jsonl and in each fact, and stays under their own licences:
{layers}
"""


def write_dump(store: Store, file: Path, *, address: str, now: datetime) -> int:
    """Write the archive and return how many rows it holds. `address`: where readers find the catalogue. Raises
    OSError, and LookupError before a document was loaded.
    """
    manifest = store.manifest()
    if manifest is None:
        raise LookupError("Nothing has been loaded yet.")
    name = manifest.called()
    layers = store.imported_lists.all()
    with (
        archives.new_archive(file, private=False) as (archive, folder),
        store.public_dump.tables() as (tables, document),
    ):

        def about() -> dict[str, Any]:
            return {"made_at": now.isoformat(timespec="seconds"), "name": name, "address": address}

        rows = archives.add_tables(archive, folder, CARD, tables, about)
        whole_document = document()
        words = {"name": name, "day": f"{now:%Y-%m-%d}", "address": address}
        archives.add_file(archive, README, _README.format(**words).encode())
        licenses = {"facts": manifest.data_license.facts, "texts": manifest.data_license.texts}
        lent = "\n".join(_credit(layer) for layer in layers) or "Nothing was."
        archives.add_file(archive, LICENSES, _LICENSES.format(**words, **licenses, layers=lent).encode())
        archives.add_file(archive, SCHEMA, archives.json_bytes(json_schema()))
        archives.add_file(archive, DOCUMENT, archives.json_bytes(as_record(whole_document)))
        origins = "".join(_origins(store, whole_document, layers, manifest.data_license.facts))
        archives.add_file(archive, ORIGINS, origins.encode())
    return rows


def _credit(layer: Layer) -> str:
    where = f", {layer.address}" if layer.address else ""
    return f"- {layer.name}{where}: {layer.license}, read on {layer.read_at:%Y-%m-%d}"


def _origins(store: Store, document: Document, layers: tuple[Layer, ...], license_: str) -> Iterator[str]:
    """Yield whose words each record is made of, "curated", "declared", "observed", or a layer, with the licence of
    each.
    """
    lent = {layer.origin: layer.license for layer in layers}
    listed = {project.id for project in document.projects}
    for page in store.facts.export():
        if page.id in listed:
            fact_origins = sorted({fact.origin for fact in page.facts})
            licenses = {origin: lent.get(origin, license_) for origin in fact_origins}
            yield json.dumps({"kind": "project", "id": str(page.id), "slug": page.slug, "origins": licenses}) + "\n"
    for organization in document.organizations:
        licenses = {"catalog": license_}
        yield (
            json.dumps(
                {"kind": "organization", "id": str(organization.id), "slug": organization.slug, "origins": licenses}
            )
            + "\n"
        )


def import_dump(
    store: Store, file: Path, folder: Path, *, now: datetime, most_bytes: int = MAX_UNPACKED_BYTES
) -> DumpCounts:
    """Fill an empty catalogue from an archive. Raises InvalidArchive, AlreadyExists, OSError.

    `folder`: where it may be unpacked meanwhile; `most_bytes`: what it may hold unpacked, more is refused.
    """
    card = archives.read_card(file, CARD)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".import-") as aside:
        tables = archives.unpack(file, card, Path(aside), most_bytes=most_bytes)
        try:
            return store.public_dump.import_tables(card.revision, tables, now=now)
        except ValueError as wrong:
            raise InvalidArchive(f"{file}: {wrong}.") from wrong
