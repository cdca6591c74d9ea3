"""A publiccode.yml for our own entries whose repository has none that may be passed on: what the catalogue knows, as
`forge.export` writes it.
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from catalog.errors import Incomplete
from catalog.store.exports.records import ExportedProject
from catalog.store.opencatalog.own_entries import Software
from forge.export.catalogue_site import CatalogueSite
from forge.export.publiccode import forked_repositories, publiccode
from forge.export.software import software
from forge.web.core.render import base_url, manifest_of
from forge.web.opencatalog.route import ApiRequest


def with_files(ask: ApiRequest, items: Iterable[Software]) -> tuple[Software, ...]:
    """The same, with a file where too little is not known for one."""
    found = tuple(items)
    bare = [software.id for software in found if software.own and software.shown is None]
    if not bare:
        return found
    state = ask.request.app.state
    home = CatalogueSite(base_url(ask.request), manifest_of(ask.request))
    texts = {exported.id: _text(exported, home) for exported in state.store.exported_records.some(bare)}
    return tuple(_with(software, texts) for software in found)


def _with(software: Software, texts: dict[UUID, str | None]) -> Software:
    text = texts.get(software.id)
    return (
        replace(software, publiccode=text, shown=text) if software.own and software.shown is None and text else software
    )


def _text(project: ExportedProject, home: CatalogueSite) -> str | None:
    try:
        return publiccode(software(project), home, project.users, forked_repositories(project.relations))
    except Incomplete:
        return None
