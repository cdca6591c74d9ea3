"""Labels of calls, obstacles and questions: names of kinds and states, and the choices of their forms. Pure."""

from collections.abc import Mapping

from catalog.rules.call import SEVERAL
from catalog.sentences import mark
from catalog.submissions.kinds.call import FIELDS
from forge.i18n.languages import PageLanguage

KINDS: Mapping[str, str] = {
    "need": mark("A missing tool"),
    "install": mark("Installation"),
    "move": mark("Moving data to it"),
    "explain": mark("Explanation or training"),
    "other": mark("Other help"),
    "money": mark("Funding"),
    "translate": mark("Translation"),
    "test": mark("User testing"),
    "accessibility": mark("Accessibility audit"),
    "write": mark("Documentation"),
    "host": mark("Hosting"),
    "code": mark("Development"),
    "successor": mark("New maintainer"),
    "collective": mark("Fiscal host for a collective"),
}
ASKED: Mapping[str, str] = {  # titles of the forms
    "need": mark("Publish a need"),
    "install": mark("Ask someone to install it"),
    "move": mark("Ask someone to move your data to it"),
    "explain": mark("Ask someone to explain it"),
    "other": mark("Ask for other help with it"),
    "money": mark("Ask for funding"),
    "translate": mark("Ask for translators"),
    "test": mark("Ask for testers"),
    "accessibility": mark("Ask for an accessibility audit"),
    "write": mark("Ask for writers"),
    "host": mark("Ask for hosting"),
    "code": mark("Ask for developers"),
    "successor": mark("Find a new maintainer"),
    "collective": mark("Find a fiscal host for your collective"),
}
MEANT: Mapping[str, str] = {  # what each kind is for, where somebody chooses one
    "need": mark("You looked for software and found nothing suitable."),
    "successor": mark("You maintain a project and want to hand it over."),
    "collective": mark(
        "You are not a legal entity, and are looking for an organization to hold money or sign for you."
    ),
}
STATES: Mapping[str, str] = {
    "open": mark("Open"),
    "answered": mark("Answered"),
    "ended": mark("Closed"),
    "withdrawn": mark("Withdrawn"),
}


def _labels(name: str) -> Mapping[str, str]:
    """What the choices of a field of the form are called."""
    return {value: label for field in FIELDS if field.name == name for value, label, _ in field.options}


HANDED, LOOKED = _labels("handed"), _labels("looked_for")
OBSTACLES: Mapping[str, str] = {  # what the makers say about an obstacle
    "received": mark("No answer from the maintainers yet"),
    "looking": mark("The maintainers are looking into it"),
    "fixed": mark("Fixed, according to the maintainers"),
    "not-fixed": mark("The maintainers will not change it"),
}
MENDING = (  # the makers' choices: value, what it is called, what it means
    ("looking", mark("We are looking into it"), ""),
    ("fixed", mark("Fixed"), ""),
    ("not-fixed", mark("Will not be changed"), mark("Explain why: this text is public.")),
)
AGAIN: Mapping[str, str] = {
    "yes": mark("Would choose it again"),
    "unsure": mark("Not sure about choosing it again"),
    "no": mark("Would not choose it again"),
}
QUESTIONS: Mapping[str, str] = {  # states of a question that one group asks another, as moderators read them
    "late": mark("Waiting to be sent on"),
    "relayed": mark("Sent to the organization"),
    "replied": mark("Answered"),
    "declined": mark("Declined by the organization"),
    "unanswered": mark("No answer within 60 days"),
}
CODES: Mapping[str, Mapping[str, str]] = {  # values that rows of submissions name by a code
    "call": KINDS,
    "country": {SEVERAL: mark("Several countries")},
    "passed": QUESTIONS,
}
# Languages that people may write in beside those of the pages.
_WRITTEN = (
    *("ar", "bn", "br", "ca", "cs", "cy", "da", "de", "el", "en", "es", "eu", "fa", "fi", "fr", "gl", "he", "hi"),
    *("hr", "hu", "id", "it", "ja", "ko", "ln", "mg", "ms", "nl", "nb", "oc", "pl", "pt", "ro", "ru", "rw", "sk"),
    *("sr", "sv", "sw", "ta", "th", "tr", "uk", "ur", "vi", "wo", "yo", "zh"),
)


def written_languages(page_language: PageLanguage) -> list[tuple[str, str]]:
    """Tag and name of the languages that a text may be in, by name."""
    return sorted(
        ((tag, page_language.language(tag)) for tag in _WRITTEN), key=lambda pair: page_language.in_order(pair[1])
    )
