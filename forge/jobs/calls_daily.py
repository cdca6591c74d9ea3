"""The daily job of calls and questions: reminders, ends, and questions that wait. `catalog.submissions` decides what
is due.
"""

import logging
from datetime import datetime

from catalog.submissions import answering, expire_calls
from forge.jobs.recurring import RecurringJob

CALLS_DAILY = "calls-daily"

log = logging.getLogger("forge.jobs.calls_daily")


class CallsDaily(RecurringJob):
    kind = CALLS_DAILY

    def due(self, now: datetime) -> None:
        done, moved = expire_calls.calls_due(self.store, now=now), answering.questions_due(self.store, now=now)
        if done or moved:
            log.info("%s calls ended or end soon; %s questions went on, ended or were forgotten.", done, moved)
