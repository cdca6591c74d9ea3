"""The publiccode.yml of entries: what the catalogue knows, as `forge.export` writes it."""

from collections.abc import Iterable
from dataclasses import replace

from starlette.requests import Request

from catalog.errors import Incomplete
from catalog.publication.model import PublicProject
from catalog.store.exports.records import NamedBeside
from catalog.store.opencatalog.own_entries import Software
from forge.export.catalogue_site import CatalogueSite
from forge.export.publiccode import publiccode
from forge.export.software import software
from forge.web.core.render import base_url, manifest_of


def with_files(request: Request, entries: Iterable[Software]) -> list[Software]:
    """The same, with a file where too little is not known for one."""
    entries = list(entries)
    home = CatalogueSite(base_url(request), manifest_of(request))
    store, ids = request.app.state.store.exported_records, [entry.id for entry in entries]
    beside = store.named_beside(ids)
    texts = {project.id: _text(project, home, beside[project.id]) for project in store.some(ids)}
    return [replace(entry, publiccode=texts.get(entry.id)) for entry in entries]


def _text(project: PublicProject, home: CatalogueSite, beside: NamedBeside) -> str | None:
    try:
        return publiccode(software(project), home, beside)
    except Incomplete:
        return None
