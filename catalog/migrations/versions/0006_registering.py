"""Registering needed no table of its own: the step keeps its place in the line."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """No table changes."""
