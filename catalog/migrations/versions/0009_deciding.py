"""Nothing yet: kept for what comes with deciding."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """No table changes."""
