"""Read models of calls for pages, filled by `queries`; no rules and no SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.rules.call import Call
from catalog.store.core.read_models import NamedProject, OrganizationCard


@dataclass(frozen=True)
class CallLine:
    """A call in a list, with the names of what it is about."""

    call: Call
    project_slug: str | None = None
    project_name: str | None = None
    organization: OrganizationCard | None = None


@dataclass(frozen=True)
class CallPage:
    line: CallLine
    answer: Mapping[str, Any] = field(default_factory=dict)
    answer_project: NamedProject | None = None


@dataclass(frozen=True)
class CallsPage:
    """One page of calls, and how many there are of each kind, language and country."""

    total: int
    lines: tuple[CallLine, ...]
    facets: Mapping[str, Mapping[str, int]]
