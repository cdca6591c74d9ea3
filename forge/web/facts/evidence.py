"""The sources of single values as pages show them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.model import Feature, Project
from catalog.rules.record_values.feature import FEATURES
from catalog.text_rules import CHOSEN_BY_EDITORS
from forge.web.facts.values import cleaned


@dataclass(frozen=True)
class EvidencePlace:
    """The source of one value, as the document or a correction names it. `seen_at`: the date of the version that was
    read, or the day of the submission."""

    source: str
    seen_at: str = ""  # as stated; "" where it is not known

    @property
    def chosen(self) -> bool:
        """Whether it is no source: the editors judged it themselves."""
        return self.source == CHOSEN_BY_EDITORS


def evidence_places(evidence: Any) -> tuple[EvidencePlace, ...]:
    """The places in the source of a fact."""
    entries = evidence if isinstance(evidence, list | tuple) else ()
    return tuple(
        EvidencePlace(cleaned(str(entry["source"])), cleaned(str(entry.get("seen_at") or "")))
        for entry in entries
        if isinstance(entry, Mapping) and entry.get("source")
    )


def features_with_sources(record: Project, feature_lines: Iterable[tuple[str, Any]]) -> tuple[Feature, ...]:
    """The features of a record, where some have a source and the `feature_lines`, each with its field, hold them."""
    stands = {language: list(lines) for language, lines in record.feature_lines.items()}
    stand = any(field == FEATURES and value == stands for field, value in feature_lines)
    return record.features if stand and any(feature.source for feature in record.features) else ()
