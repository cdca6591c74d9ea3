"""Nothing yet: kept for what comes with keeping."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """No table changes."""
