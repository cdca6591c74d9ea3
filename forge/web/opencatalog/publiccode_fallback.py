"""A publiccode.yml for our own entries whose repository has none that may be passed on: what the catalogue knows, as
`forge.export` writes it. It answers no address.
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from catalog.errors import Incomplete
from catalog.store.exports.records import ExportedProject
from catalog.store.opencatalog.own_entries import Software
from forge.export.home import Home
from forge.export.publiccode import forked_repositories, publiccode
from forge.export.software import software
from forge.web.core.render import manifest_of
from forge.web.opencatalog.route import Ask


def with_files(ask: Ask, items: Iterable[Software]) -> tuple[Software, ...]:
    """The same, with a file where too little is not known for one."""
    found = tuple(items)
    bare = [one.id for one in found if one.own and one.shown is None]
    if not bare:
        return found
    state = ask.request.app.state
    home = Home(state.site.base_url or str(ask.request.base_url).rstrip("/"), manifest_of(ask.request))
    texts = {one.id: _text(one, home) for one in state.store.exported_records.some(bare)}
    return tuple(_with(one, texts) for one in found)


def _with(one: Software, texts: dict[UUID, str | None]) -> Software:
    text = texts.get(one.id)
    return replace(one, publiccode=text, shown=text) if one.own and one.shown is None and text else one


def _text(one: ExportedProject, home: Home) -> str | None:
    try:
        return publiccode(software(one), home, one.users, forked_repositories(one.relations))
    except Incomplete:
        return None
