"""Nothing yet: kept for what comes with using."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """No table changes."""
