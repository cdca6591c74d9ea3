"""A project as every format describes it: the strongest value of each field by the rules of trust, cleaned and
bounded.

What nobody stated is None or empty; each format decides what to do with that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.licenses import expressions
from catalog.model import MAKER_ROLES, Project
from catalog.rules.fact import DETECTED_LICENSE, LICENSE, ChosenFact, choose_facts
from catalog.rules.fields import main_programming_languages, usable_languages
from catalog.rules.today import license_answer
from catalog.store.exports.records import ExportedMaintainer, ExportedProject
from forge.observe.publiccode import rules, words
from forge.web.facts.merged_record import record_shown
from forge.web.facts.values import draw_value


@dataclass(frozen=True)
class Software:
    """`record` is as its page shows it; `license` an SPDX expression as declared, else as its files show."""

    slug: str
    record: Project
    chosen: Mapping[str, ChosenFact]
    maintainers: tuple[ExportedMaintainer, ...]  # organizations alone
    changed_at: datetime
    last_commit_at: datetime | None

    @property
    def repository(self) -> str | None:
        stated = self._text("repository") or self.record.repository
        return stated if stated and rules.is_address(stated) else None

    @property
    def license(self) -> str | None:
        for name in (LICENSE, DETECTED_LICENSE):
            stated = self._text(name)
            if stated and rules.is_license_expression(stated):
                return expressions.canonical(stated)
        return None

    @property
    def license_declared(self) -> str | None:
        return self._text(LICENSE)

    @property
    def license_detected(self) -> str | None:
        return self._text(DETECTED_LICENSE)

    @property
    def free(self) -> bool | None:
        """As on its page, see `catalog.rules.today.LicenseAnswer`."""
        detected = [self.license_detected] if self.license_detected else []
        return license_answer(self.license_declared, detected, self.record.context_only).free

    @property
    def status(self) -> str | None:
        """A term of our vocabulary `status`."""
        return self._text("status")

    @property
    def development_status(self) -> str | None:
        """The status in the word of publiccode.yml, where its makers stated it or our own term means it."""
        stated = self._text("development_status")
        return stated if stated in words.STATUSES else words.STATUS_WORDS.get(self.status or "")

    @property
    def software_type(self) -> str | None:
        stated = self._text("software_type")
        return stated if stated in words.SOFTWARE_TYPES else None

    @property
    def installs(self) -> frozenset[str]:
        return frozenset(str(way) for way in self._list("installs"))

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories of publiccode.yml: what its makers chose, else the nearest to our own domains."""
        stated = [category for category in self._list("categories") if category in words.CATEGORIES]
        near = words.domain_categories()
        return tuple(dict.fromkeys(stated or [near[term] for term in self.record.domains if term in near]))

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the screens, as BCP 47 tags, those that are at least half translated."""
        stated = [
            {"term": screen_language.term, "percent": screen_language.percent}
            for screen_language in self.record.languages
        ]
        return tuple(tag for tag in usable_languages(stated) if rules.is_language(tag))

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
    def makers(self) -> tuple[ExportedMaintainer, ...]:
        """The organizations that make it, those that lead first."""
        makers = [maintainer for maintainer in self.maintainers if maintainer.role in MAKER_ROLES]
        return tuple(sorted(makers, key=lambda maintainer: MAKER_ROLES.index(maintainer.role)))

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


def software(exported: ExportedProject) -> Software:
    return software_of(
        exported.record,
        choose_facts(exported.facts),
        exported.maintainers,
        exported.changed_at,
        exported.activity.changed_at,
    )


def software_of(
    record: Project,
    chosen: Mapping[str, ChosenFact],
    maintainers: tuple[ExportedMaintainer, ...],
    changed_at: datetime,
    last_commit_at: datetime | None,
) -> Software:
    """Make the project from its parts, where they have been read already."""
    return Software(record.slug, record_shown(record, chosen), chosen, maintainers, changed_at, last_commit_at)
