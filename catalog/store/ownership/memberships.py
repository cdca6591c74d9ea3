"""Who speaks for an organization and who keeps a project, as the condition under which a row of `representative` or
`maintainer` counts: whoever reads these tables asks for it. How somebody comes in is others' matter.

Whom one of them invited counts as long as somebody is in who proved it. Rows of those left alone go once a day
(`verifications.alone`); until then nobody is written to, or may do anything, by them.
"""

from typing import Any

from sqlalchemy import Column, Table, exists, or_

from catalog.rules.verification import INVITED
from catalog.tables.people import maintainer, representative


def _stands(table: Table, name: str) -> Any:
    sure = table.alias("sure")
    owner: Column[Any] = table.c[name]
    return or_(table.c.verification != INVITED, exists().where(sure.c[name] == owner, sure.c.verification != INVITED))


SPEAKS, KEEPS = _stands(representative, "organization_id"), _stands(maintainer, "project_id")
