"""What becomes elsewhere of what its sender took back: which record of the exchange it was, and who says that it is
erased there. It takes nothing back itself.
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
from catalog.store.federation.publish.deletion_receipts import Erasure
from catalog.submissions.kinds import unlisting


def elsewhere(store: Store, one: Declaration, *, now: datetime) -> Erasure | None:
    """What other catalogues say of what this declaration took back, or was; None where none was ever told of it."""
    taken_back = one.state == WITHDRAWN or (one.kind == WITHDRAW and one.state == PUBLISHED)
    record = _record(one) if taken_back else None
    return store.deletion_receipts.of(*record, now=now) if record else None


def _record(one: Declaration) -> tuple[str, UUID] | None:
    if one.project_id is None:
        return None
    if one.kind == WITHDRAW and unlisting.asked(one):
        return "project", one.project_id
    if one.organization_id is None:
        return None
    if one.kind in (ADOPT, WITHDRAW):
        return "adoption", adoption_id(one.project_id, one.organization_id)
    if one.kind == EXPERIENCE:
        return "experience", experience_id(one.project_id, one.organization_id)
    return None
