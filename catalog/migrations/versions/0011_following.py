"""Nothing yet: kept for what comes with following."""

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """No table changes."""
