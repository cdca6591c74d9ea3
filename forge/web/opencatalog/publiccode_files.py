"""The publiccode.yml of entries: what the catalogue knows, as `forge.export` writes it."""

from collections.abc import Iterable
from dataclasses import replace

from starlette.requests import Request

from catalog.errors import Incomplete
from catalog.store.exports.records import ExportedProject
from catalog.store.opencatalog.own_entries import Software
from forge.export.catalogue_site import CatalogueSite
from forge.export.publiccode import forked_repositories, publiccode
from forge.export.software import software
from forge.web.core.render import base_url, manifest_of


def with_files(request: Request, entries: Iterable[Software]) -> list[Software]:
    """The same, with a file where too little is not known for one."""
    entries = list(entries)
    home = CatalogueSite(base_url(request), manifest_of(request))
    exported = request.app.state.store.exported_records.some([entry.id for entry in entries])
    texts = {project.id: _text(project, home) for project in exported}
    return [replace(entry, publiccode=texts.get(entry.id)) for entry in entries]


def _text(project: ExportedProject, home: CatalogueSite) -> str | None:
    try:
        return publiccode(software(project), home, project.users, forked_repositories(project.relations))
    except Incomplete:
        return None
