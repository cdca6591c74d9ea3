"""The daily job that writes public records of an older shape, which an upgrade leaves to be built on reading."""

from datetime import datetime

from forge.jobs.recurring import RecurringJob

PUBLIC_RECORDS = "public-records"


class PublicRecordsDaily(RecurringJob):
    kind = PUBLIC_RECORDS

    def due(self, now: datetime) -> None:
        self.store.public_record_upkeep.write_outdated()
