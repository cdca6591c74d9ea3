"""Turns errors of the disk and of the database into one sentence for the operator."""

import errno

FULL_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # of a disk, of what a user may take of it, of one file


def refusal_sentence(error: BaseException) -> str | None:
    """Return the sentence about a database or a disk that refuses; None for an error that is our own."""
    from catalog.store.core.engine import database_failure

    if reason := database_failure(error):
        what = f"The database cannot be used: {reason}"
    elif isinstance(error, OSError) and error.errno in FULL_DISK_ERRORS:
        what = f"{error.filename or 'A file'} cannot be written: {(error.strerror or '').lower()}"
    else:
        return None
    return f"{what}. What was not finished was not kept. Make room or mend it; `forge doctor` tells more."
