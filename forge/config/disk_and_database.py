"""What a disk or a database that refuses says to the operator, in one sentence."""

import errno

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # of a disk, of what a user may take of it, of one file


def refusal(error: BaseException) -> str | None:
    """The sentence about a database or a disk that refuses; None for an error that is our own."""
    from catalog.store.core.engine import trouble

    if said := trouble(error):
        what = f"The database cannot be used: {said}"
    elif isinstance(error, OSError) and error.errno in FULL:
        what = f"{error.filename or 'A file'} cannot be written: {(error.strerror or '').lower()}"
    else:
        return None
    return f"{what}. What was not finished was not kept. Make room or mend it; `forge doctor` tells more."
