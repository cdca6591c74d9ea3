"""Ways to reach a person: e-mail addresses and telephone numbers found in texts, and what is said of an address that
is missing or in the wrong place. Pure.
"""

import re

REMOVED_MARK = "…"
NO_EMAIL = "Enter an e-mail address like name@example.org"
AN_ADDRESS = "Leave out the e-mail address: this text is public"
SENTENCES = (NO_EMAIL, AN_ADDRESS)

# They are only looked for: of the part before the @ its last character is enough, and more would take quadratic time.
_EMAIL = re.compile(r"[^\s@<>]@[^\s@<>]+\.[^\s@<>]")
# As addresses end: for texts that other catalogues bring too, of which one that is refused is lost.
_EMAIL_WITH_DOMAIN = re.compile(r"[^\s@<>()]@[^\s@<>()]+\.[^\s@<>().]{2}")
# As most of the world writes one, and North America: https://www.itu.int/rec/T-REC-E.123
# Runs are bounded, or a long text of digits and spaces would take quadratic time.
_PHONE = re.compile(
    r"(?<![\w/.-])(?!000)(?:(?:\+|00|0)[\s().-]{0,4}\d(?:[\s().-]{0,2}\d){7,17}|\(?[2-9]\d{2}\)?[\s.-]{1,2}\d{3}[\s.-]\d{4})(?![\w/-])"
)


def has_email(text: str) -> bool:
    """Whether a text holds what may be an e-mail address.

    >>> has_email("write to ana@example.org"), has_email("@ana")
    (True, False)
    """
    return _EMAIL.search(text) is not None


def contact_in(text: str) -> bool:
    """Whether a text holds what looks like an e-mail address or a telephone number.

    >>> contact_in("call 01 23 45 67 89"), contact_in("12,000 members since 2019")
    (True, False)
    """
    return bool(_EMAIL_WITH_DOMAIN.search(text) or _PHONE.search(text))


def without_phones(text: str) -> str:
    """A text in which "…" stands for each telephone number.

    >>> without_phones("Call us: (514) 555-0123"), without_phones("since 2019-01-01")
    ('Call us: …', 'since 2019-01-01')
    """
    return _PHONE.sub(REMOVED_MARK, text)
