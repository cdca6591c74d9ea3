"""Nothing yet: kept for what comes with registering."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """No table changes."""
