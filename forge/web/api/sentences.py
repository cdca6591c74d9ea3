"""Sentences about what a program sent wrongly, in a query or a body, one a field. Pure."""

from collections.abc import Mapping

from catalog.validation import NOT_ONE_OF, TOLD, Fault, InvalidData

WHOLE_NUMBER, TRUE_OR_FALSE = "This must be a whole number", "This must be true or false"
INVALID_CURSOR = "This is no cursor of this list. Begin again without one"
TOO_LONG = "Use {max_length} characters or fewer"
TOO_SHORT = "Use {min_length} characters or more"
_SENTENCES = {
    TOLD: "{sentence}",
    NOT_ONE_OF: "This must be one of {known}",
    "cursor": INVALID_CURSOR,
    "string_type": "This must be a text",
    "bool_type": TRUE_OR_FALSE,
    "int_type": WHOLE_NUMBER,
    "list_type": "This must be a list",
    "dict_type": "This must be an object",
    "missing": "This is missing",
    "extra_forbidden": "There is no such field",
    "string_too_short": TOO_SHORT,
    "string_too_long": TOO_LONG,
    "too_long": "This may hold at most {max_length}",
    "literal_error": "This must be {expected}",
    "string_pattern_mismatch": "This must match {pattern}",
    "greater_than_equal": "This must be at least {ge}",
    "less_than_equal": "This must be at most {le}",
}


def sentences(unfit: InvalidData) -> Mapping[str, str]:
    """The first sentence about each field, by its path with dots; "" is the whole value."""
    sentences_by_key: dict[str, str] = {}
    for fault in unfit.faults:
        sentences_by_key.setdefault(".".join(str(step)[:80] for step in fault.path), _sentence(fault))
    return sentences_by_key


def _sentence(fault: Fault) -> str:
    return _SENTENCES[fault.sort].format(**fault.limits)
