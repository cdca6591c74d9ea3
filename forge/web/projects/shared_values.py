"""What most of many uses have in common, so that a page says it once and each use only what differs. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.store.core.read_models import AdoptionLine
from forge.web.core.source_names import SourceName, source_name


@dataclass(frozen=True)
class SharedValues:
    """`stage`: the stage of several uses is not known. `source` and `seen_at`: of most uses, where these have the same
    one; it names files, not their lines."""

    stage: bool = False
    source: SourceName | None = None
    seen_at: str | None = None

    def covers(self, line: AdoptionLine, repository: str | None = None) -> bool:
        """Whether the source of a use is the shared one."""
        return self.source is not None and _source_of(line, repository) == (self.source, self.seen_at)


def shared_values(lines: Sequence[AdoptionLine], repository: str | None = None) -> SharedValues:
    """What is said once of these uses; `repository`: of the project, where all of them are of the same one."""
    unknown = sum(line.adoption.stage is None for line in lines) > 1
    counts = Counter(source for line in lines if (source := _source_of(line, repository)) is not None)
    (source, count) = counts.most_common(1)[0] if counts else (None, 0)
    if source is None or count < 2 or count * 2 <= len(lines):
        return SharedValues(unknown)
    return SharedValues(unknown, *source)


def _source_of(line: AdoptionLine, repository: str | None) -> tuple[SourceName, str | None] | None:
    adoption = line.adoption
    name = source_name(adoption.sources[0], repository) if len(adoption.sources) == 1 else None
    return (name, adoption.seen_at) if name else None
