"""What a record leaves open and another catalogue, or an imported list, tells: taken over where it is shown and found.

Pure. The record itself stays as it is: what we publish, and what others take from us, is ours alone. Names, texts and
addresses, which files of a repository may tell as well, are `forge.web.facts.merged_record`'s.
"""

from collections.abc import Mapping
from dataclasses import replace

from catalog.document import from_record
from catalog.model import Project
from catalog.rules.fact import PEER, Chosen

# Not what decides where a project stands: its needs, its license, whether it still lives.
LENT = (
    *("easy_to_read", "made_for", "audiences", "inclusion", "accessibility", "deployment_countries"),
    *("replaces", "runs", "cost", "leaving", "manuals", "support", "governance"),
)


def completed(record: Project, chosen: Mapping[str, Chosen]) -> Project:
    """The record with what others tell of each of LENT that it says nothing of."""
    told = {
        field: chosen[field].value
        for field in LENT
        if field in chosen and chosen[field].fact.origin.startswith(PEER) and not getattr(record, field)
    }
    if not told:
        return record
    read = from_record(Project, {"slug": record.slug, "name": record.name, "summary": {}} | told)
    return replace(record, **{field: getattr(read, field) for field in told})
