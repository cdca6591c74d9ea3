"""The daily job of the moderators' desk: undoes what nobody confirmed in time and notes pairs of records that may be
the same. `catalog.moderation` decides what is due.
"""

import logging
from datetime import datetime

from catalog import moderation
from forge.jobs.recurring import RecurringJob

MODERATION_DAILY = "moderation-daily"

log = logging.getLogger("forge.jobs.moderation_daily")


class ModerationDaily(RecurringJob):
    kind = MODERATION_DAILY

    def due(self, now: datetime) -> None:
        """Undo lapsed decisions, note likenesses, forget old entries of the desk."""
        for number in moderation.lapse(self.store, now=now):
            log.info("Nobody confirmed it in time: line %s of the log says what came back.", number)
        if pairs := moderation.find_likenesses(self.store, now=now):
            log.info("%s pairs of records may be the same: they wait at the desk.", pairs)
        self.store.moderation_queue.forget(now)
