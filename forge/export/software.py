"""A project as every format describes it: the strongest value of each field by the rules of trust, cleaned and
bounded.

What nobody stated is None or empty; each format decides what to do with that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.licenses import expressions
from catalog.model import MAKER_ROLES, Project
from catalog.publication.model import PublicProject
from catalog.rules.fact import DETECTED_LICENSE, LICENSE, ChosenFact
from catalog.rules.fields import main_programming_languages
from catalog.store.core.read_models import OrganizationCard
from forge.observe.publiccode import rules, words
from forge.web.facts.merged_record import record_shown
from forge.web.facts.values import draw_value


@dataclass(frozen=True)
class Software:
    """`record` is that of `public`, as its page shows it; `license` an SPDX expression as declared, else as its files
    show."""

    public: PublicProject
    record: Project

    @property
    def slug(self) -> str:
        return self.record.slug

    @property
    def chosen(self) -> Mapping[str, ChosenFact]:
        return self.public.chosen

    @property
    def repository(self) -> str | None:
        address = self._text("repository") or self.record.repository
        return address if address and rules.is_address(address) else None

    @property
    def license(self) -> str | None:
        for name in (LICENSE, DETECTED_LICENSE):
            expression = self._text(name)
            if expression and rules.is_license_expression(expression):
                return expressions.canonical(expression)
        return None

    @property
    def license_declared(self) -> str | None:
        return self._text(LICENSE)

    @property
    def license_detected(self) -> str | None:
        return self._text(DETECTED_LICENSE)

    @property
    def status(self) -> str | None:
        """A term of our vocabulary `status`."""
        return self._text("status")

    @property
    def development_status(self) -> str | None:
        """The status in the word of publiccode.yml, where its makers stated it or our own term means it."""
        status = self._text("development_status")
        return status if status in words.STATUSES else words.STATUS_WORDS.get(self.status or "")

    @property
    def software_type(self) -> str | None:
        type_ = self._text("software_type")
        return type_ if type_ in words.SOFTWARE_TYPES else None

    @property
    def installs(self) -> frozenset[str]:
        return frozenset(str(way) for way in self._list("installs"))

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories of publiccode.yml: what its makers chose, else the nearest to our own domains."""
        slugs = [category for category in self._list("categories") if category in words.CATEGORIES]
        near = words.domain_categories()
        return tuple(dict.fromkeys(slugs or [near[term] for term in self.record.domains if term in near]))

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the screens, as BCP 47 tags, those that are at least half translated."""
        return tuple(tag for tag in self.public.languages() if rules.is_language(tag))

    @property
    def written(self) -> tuple[str, ...]:
        """The programming languages."""
        return self.record.programming_languages or (
            main_programming_languages(self.chosen["code"].value) if "code" in self.chosen else ()
        )

    @property
    def release(self) -> tuple[str | None, str | None]:
        """Version and day (ISO 8601, in full) of the newest release, where they are known."""
        releases = self._drawn("releases") or self._drawn("release") or []
        version = str(releases[0]["version"]) if releases else None
        day = str(releases[0]["date"]) if releases and releases[0]["date"] else None
        return version, day if day and rules.is_day(day) else None

    @property
    def makers(self) -> tuple[OrganizationCard, ...]:
        """The organizations that make it, those that lead first."""
        return tuple(maker for role in MAKER_ROLES for maker in self.organizations_as(role))

    def organizations_as(self, role: str) -> tuple[OrganizationCard, ...]:
        """The organizations that have this role, each once."""
        lines = (line for line in self.public.maintenance if line.maintenance.role == role)
        return tuple(dict.fromkeys(line.organization for line in lines if line.organization))

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of what is in it: curated, declared, observed, peer:<instance>."""
        return tuple(sorted({choice.fact.origin for choice in self.chosen.values()}))

    def spoken(self, words_of: Mapping[str, Any]) -> dict[str, Any]:
        """Return the texts by language, of those whose tag is valid."""
        return {tag: text for tag, text in words_of.items() if text and rules.is_language(tag)}

    def _text(self, name: str) -> str | None:
        chosen = self.chosen.get(name)
        value = chosen.value if chosen else None
        if isinstance(value, Mapping):
            value = value.get("value")
        return value if isinstance(value, str) and value else None

    def _list(self, name: str) -> Sequence[Any]:
        chosen = self.chosen.get(name)
        return chosen.value if chosen and isinstance(chosen.value, list | tuple) else ()

    def _drawn(self, name: str) -> list[dict[str, Any]]:
        chosen = self.chosen.get(name)
        drawn = draw_value(name, chosen.value) if chosen else None
        return drawn.value if drawn and drawn.kind == "releases" else []


def software(public: PublicProject) -> Software:
    return Software(public, record_shown(public.record, public.chosen))
