"""The daily job of the moderators' desk: notes pairs of records that may be the same."""

import logging
from datetime import datetime

from catalog import moderation
from forge.jobs.recurring import RecurringJob

MODERATION_DAILY = "moderation-daily"

log = logging.getLogger("forge.jobs.moderation_daily")


class ModerationDaily(RecurringJob):
    kind = MODERATION_DAILY

    def due(self, now: datetime) -> None:
        if pairs := moderation.find_likenesses(self.store, now=now):
            log.info("%s pairs of records may be the same: they wait at the desk.", pairs)
