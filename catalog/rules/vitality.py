"""Which states of a project, as its makers say them (vocabulary `status`), mean that nobody should begin with it."""

ENDED_STATUSES = frozenset({"ended", "abandoned", "unsupported"})  # its makers said that it is over
# Over, or stopped for now: proposed in no short list, and below others that answer as well.
STOPPED_STATUSES = ENDED_STATUSES | {"suspended"}
