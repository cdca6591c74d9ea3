"""What records of the document name, by its present slug: a record that is locked, or was edited here, names others as
they were called then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from catalog.model import Organization, Project
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.store.projects.relations import mentions


def slugs_by_name(records: Sequence[Project] | Sequence[Organization]) -> dict[str, str]:
    """The present slug of each of these records, by each that it has or had."""
    slugs = {former: record.slug for record in records for former in record.former}
    return slugs | {record.slug: record.slug for record in records}


def with_slugs(record: Project, slugs: Mapping[str, Mapping[str, str]]) -> Project:
    """The record with what it names by its present slug, which `slugs` holds by kind and name; without the lines about
    what is not among them."""
    if all(slugs[kind].get(name) == name for kind, name in mentions(record)):
        return record
    projects, organizations = slugs[PROJECT], slugs[ORGANIZATION]
    return replace(
        record,
        relations=tuple(
            replace(line, project=projects[line.project]) for line in record.relations if line.project in projects
        ),
        maintenance=tuple(
            replace(line, organization=organizations[line.organization]) if line.organization else line
            for line in record.maintenance
            if line.organization is None or line.organization in organizations
        ),
        adoptions=tuple(
            replace(
                line,
                organization=organizations[line.organization],
                provider=organizations.get(line.provider) if line.provider else None,
            )
            for line in record.adoptions
            if line.organization in organizations
        ),
        runs=record.runs
        and replace(
            record.runs, hosted=tuple(organizations[name] for name in record.runs.hosted if name in organizations)
        ),
    )
