"""What somebody should know of a project before they choose it: its record's cautions and those that its files state.

Pure. No source knows all of them, so that they add up; what other catalogues say counts where nobody here says any.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from catalog.model import Caution, Project
from catalog.rules.fact import PEER, ChosenFact, Fact
from catalog.validation import InvalidData, read

NOT_FREE_SERVICE = "not-free-service"
MAX_CAUTIONS = 60


def cautions_of(record: Project, choice: ChosenFact | None) -> tuple[Caution, ...]:
    """At most MAX_CAUTIONS, each kind and name once, those of the record first. `choice`: the facts of the field."""
    cautions = {(caution.kind, caution.name): caution for caution in record.cautions}
    for fact in (choice.fact, *choice.others) if choice else ():
        if not (cautions and fact.origin.startswith(PEER)):
            cautions = {(caution.kind, caution.name): caution for caution in _stated(fact, record)} | cautions
    return tuple(sorted(cautions.values(), key=lambda caution: caution not in record.cautions))[:MAX_CAUTIONS]


def _stated(fact: Fact, record: Project) -> Iterator[Caution]:
    """Those of a fact that are whole: others may have written it."""
    place = {"source": _place(fact, record.repository), "seen_at": fact.seen_at.date().isoformat()}
    for entry in fact.value[:MAX_CAUTIONS] if isinstance(fact.value, list | tuple) else ():
        try:
            yield read(Caution, place | entry)
        except (InvalidData, TypeError):
            continue


def _place(fact: Fact, repository: str | None) -> str | None:
    """The source of what a file states: owner/repository@commit:path on GitHub, elsewhere the repository."""
    address, file, commit = urlsplit(repository or ""), fact.source.get("file"), fact.source.get("commit")
    if address.hostname == "github.com" and file and commit:
        return f"{address.path.strip('/').removesuffix('.git')}@{commit}:{file}"
    return repository
