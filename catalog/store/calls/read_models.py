"""Read models of calls for pages, filled by `queries`; no rules and no SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from catalog.rules.call import Call
from catalog.store.core.read_models import OrganizationCard


@dataclass(frozen=True)
class SupportStatement:
    """A statement of support ("us too") of one organization."""

    organization: OrganizationCard
    at: datetime
    language: str
    variation: str | None


@dataclass(frozen=True)
class CallLine:
    """A call in a list: `named` organizations support it, and at least `unnamed` others, counted in steps of five."""

    call: Call
    project_slug: str | None = None
    project_name: str | None = None
    organization: OrganizationCard | None = None
    named: int = 0
    unnamed: int = 0


@dataclass(frozen=True)
class CallPage:
    line: CallLine
    statements: tuple[SupportStatement, ...] = ()  # of the named organizations
    kinds: tuple[tuple[str, int], ...] = ()  # of the named organizations
    countries: tuple[tuple[str, int], ...] = ()
    answer: Mapping[str, Any] = field(default_factory=dict)
    answer_project: tuple[str, str] | None = None  # slug and name


@dataclass(frozen=True)
class CallsPage:
    """One page of calls, and how many there are of each kind, language and country."""

    total: int
    lines: tuple[CallLine, ...]
    facets: Mapping[str, Mapping[str, int]]
