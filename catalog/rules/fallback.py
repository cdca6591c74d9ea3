"""Values that a record leaves open, filled from another catalogue or an imported list where the record is shown and
found. Pure functions.

The record itself stays as it is: what we publish, and what others take from us, is ours alone. Names, texts and
addresses, which files of a repository may state as well, are filled in `forge.web.facts.merged_record`.
"""

from collections.abc import Mapping
from dataclasses import replace

from catalog.document import from_record
from catalog.model import Project
from catalog.rules.fact import PEER, ChosenFact

# Not what decides where a project is listed: its categories, its license, whether it is maintained.
FALLBACK_FIELDS = (
    *("easy_to_read", "made_for", "audiences", "inclusion", "accessibility", "deployment_countries"),
    *("replaces", "runs", "cost", "leaving", "manuals", "support", "governance", "rules"),
)


def with_fallbacks(record: Project, chosen: Mapping[str, ChosenFact]) -> Project:
    """The record with what others state of each of FALLBACK_FIELDS that it leaves open."""
    borrowed = {
        field: chosen[field].value
        for field in FALLBACK_FIELDS
        if field in chosen and chosen[field].fact.origin.startswith(PEER) and not getattr(record, field)
    }
    if not borrowed:
        return record
    project = from_record(Project, {"slug": record.slug, "name": record.name, "summary": {}} | borrowed)
    return replace(record, **{field: getattr(project, field) for field in borrowed})
