"""The table of outcomes of decisions: `apply` makes one so, `revert` puts everything back.

The modules that decide (`decisions`, `review`, `merge`, `curation`) check who may and what
is possible, apply one of these, and write the line of the log; `revert` takes back by the same table. What is decided
about other catalogues has states of its own, in `peers`.
"""

from collections.abc import Mapping

from catalog.moderation.outcomes import answers, edits, pairs, records
from catalog.moderation.outcomes.base import CURATED, PAIR, RECORD, SUBMISSION, Outcome
from catalog.rules.decision import CURATING, PAIRINGS
from catalog.store.moderation.log import StoredLogLine

OUTCOMES: Mapping[tuple[str, str], Outcome] = {
    **{(SUBMISSION, kind): outcome for kind, outcome in answers.OUTCOMES.items()},
    **{(RECORD, kind): outcome for kind, outcome in records.OUTCOMES.items()},
    **{(PAIR, kind): outcome for kind, outcome in pairs.OUTCOMES.items()},
    **{(CURATED, kind): outcome for kind, outcome in edits.OUTCOMES.items()},
}


def outcome_of(line: StoredLogLine) -> Outcome | None:
    """The outcome that a line of the log tells of; None for a line that cannot be taken back."""
    kind = line.line.kind
    if kind in CURATING:
        about = CURATED
    elif line.submission_id is not None:
        about = SUBMISSION
    else:
        about = PAIR if kind in PAIRINGS else RECORD
    return OUTCOMES.get((about, kind))
