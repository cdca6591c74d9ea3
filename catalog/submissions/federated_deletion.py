"""What became in other catalogues of what a sender withdrew: which record of the exchange it was, and which followers
say that they erased it.
"""

from datetime import datetime
from uuid import UUID

from catalog.rules.submission import (
    ADOPT,
    EXPERIENCE,
    PUBLISHED,
    WITHDRAW,
    WITHDRAWN,
    Declaration,
    adoption_id,
    experience_id,
)
from catalog.store import Store
from catalog.store.exchange.receipts import Erasure
from catalog.submissions.kinds import unlisting


def elsewhere(store: Store, submission: Declaration, *, now: datetime) -> Erasure | None:
    """What other catalogues say of what this declaration took back, or was; None where none was ever told of it."""
    taken_back = submission.state == WITHDRAWN or (submission.kind == WITHDRAW and submission.state == PUBLISHED)
    record = _record(submission) if taken_back else None
    return store.withdrawal_receipts.receipt_of(*record, now=now) if record else None


def _record(submission: Declaration) -> tuple[str, UUID] | None:
    if submission.project_id is None:
        return None
    if submission.kind == WITHDRAW and unlisting.is_opt_out(submission):
        return "project", submission.project_id
    if submission.organization_id is None:
        return None
    if submission.kind in (ADOPT, WITHDRAW):
        return "adoption", adoption_id(submission.project_id, submission.organization_id)
    if submission.kind == EXPERIENCE:
        return "experience", experience_id(submission.project_id, submission.organization_id)
    return None
