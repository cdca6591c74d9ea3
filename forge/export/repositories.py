"""Addresses of the repositories of all free projects, in the form that crawlers for publiccode.yml read.

One publisher, the catalogue, with its `repos`: the list of publishers of publiccode-crawler, as JSON, which is YAML.
https://github.com/italia/publiccode-crawler
"""

import json
from collections.abc import Iterable, Iterator

from catalog.store.exports.records import ExportedProject
from forge.export.catalogue_site import CatalogueSite
from forge.export.software import software
from forge.observe.publiccode import rules


def repositories(projects: Iterable[ExportedProject], home: CatalogueSite) -> Iterator[str]:
    """Yield the JSON in pieces, an address a line."""
    head = {"name": home.name, "id": str(home.id), "license": home.license.facts}
    yield f"[{json.dumps(head, ensure_ascii=False)[:-1]}, " + '"repos": ['
    between = "\n"
    for exported in projects:
        project = software(exported)
        if project.free and project.repository and rules.web(project.repository) is None:
            yield f"{between}{json.dumps(project.repository)}"
            between = ",\n"
    yield "\n]}]\n"
