"""The weekly job that counts the groups that use each project without being named.

Only so seldom, and only in steps, so that nobody can tell from the sentence who came or went.
"""

from datetime import datetime

from forge.jobs.recurring import WEEKLY, RecurringJob

COUNT_UNNAMED_ADOPTIONS = "count-unnamed-adoptions"


class CountUnnamedAdoptions(RecurringJob):
    kind, every = COUNT_UNNAMED_ADOPTIONS, WEEKLY

    def due(self, now: datetime) -> None:
        self.store.restricted_adoptions.count_unnamed(now=now)
