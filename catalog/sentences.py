"""The mark of a sentence that people read: it is collected for translators here and translated where it is shown."""


def mark(message: str) -> str:
    """Return the message itself. It marks sentences that stand in tables of the code or in errors, for
    `forge languages extract`.
    """
    return message
