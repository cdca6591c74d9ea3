"""Nothing yet: kept for what comes with calling."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """No table changes."""
