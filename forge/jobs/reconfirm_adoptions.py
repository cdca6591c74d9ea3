"""The daily job of adoptions: lowers what nobody reconfirmed and asks about it."""

import logging
from datetime import datetime

from forge.jobs.recurring import RecurringJob

RECONFIRM_ADOPTIONS = "reconfirm-adoptions"

log = logging.getLogger("forge.jobs.reconfirm_adoptions")


class ReconfirmAdoptions(RecurringJob):
    kind = RECONFIRM_ADOPTIONS

    def due(self, now: datetime) -> None:
        aged = self.store.reconfirmations.age(now=now)
        if aged.lowered or aged.uncounted or aged.asked:
            log.info(
                "%s uses to be confirmed again, %s no longer counted, %s questions on their way.",
                aged.lowered,
                aged.uncounted,
                aged.asked,
            )
