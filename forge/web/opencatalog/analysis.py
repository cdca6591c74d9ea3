"""Analyses in the Open Catalog API: results of programs about software and catalogs, each in its own namespace. What a
namespace holds is not checked.

One namespace is the catalogue's: how many organizations use a project, as everybody may know it.
"""

from typing import Any
from uuid import UUID

from catalog.rules.open_catalog import CATALOGS, OWN_NAMESPACE, SOFTWARE
from catalog.store.opencatalog.own_entries import Software
from forge.web.opencatalog.bodies import checked_analysis
from forge.web.opencatalog.problems import Refused
from forge.web.opencatalog.records import time_of
from forge.web.opencatalog.route import Answer, Ask, a_route


def of_software(ask: Ask) -> Answer:
    found = ask.store.software.get(ask.key())
    return 200, {**ask.store.analyses.get(SOFTWARE, found.id), **_own(ask, found)}


def change_of_software(ask: Ask) -> Answer:
    found = ask.store.software.get(ask.key())
    given = checked_analysis(ask.json())
    if found.own and OWN_NAMESPACE in given:
        raise Refused(422, f"analysis.{OWN_NAMESPACE}: only this catalogue writes it")
    return 200, {**_keep(ask, SOFTWARE, found.id, given), **_own(ask, found)}


def of_catalog(ask: Ask) -> Answer:
    return 200, ask.store.analyses.get(CATALOGS, ask.store.catalogs.get(ask.key("catalog")).id)


def change_of_catalog(ask: Ask) -> Answer:
    id = ask.store.catalogs.get(ask.key("catalog")).id
    return 200, _keep(ask, CATALOGS, id, checked_analysis(ask.json()))


def _keep(ask: Ask, kind: str, id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    stamped = time_of(ask.now.replace(microsecond=0))
    return {**ask.store.analyses.keep(kind, id, given, actor=ask.actor, stamped=stamped, now=ask.now)}


def _own(ask: Ask, software: Software) -> dict[str, Any]:
    if not software.own:
        return {}
    stamped = time_of(software.updated_at.replace(microsecond=0))
    return {OWN_NAMESPACE: {"v": 1, "t": stamped, **ask.store.analyses.adoptions(software.id)}}


ROUTES = [
    a_route("/v1/software/{id:entry}/analysis", "v1-software-analysis", "Software analysis",
            get=of_software, patch=change_of_software),
    a_route("/v1/catalogs/{catalog}/analysis", "v1-catalog-analysis", "Catalog analysis",
            get=of_catalog, patch=change_of_catalog),
]  # fmt: skip
