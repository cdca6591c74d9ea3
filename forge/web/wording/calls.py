"""Labels of calls, obstacles and questions: names of kinds and states, and the choices of their forms. Pure."""

from collections.abc import Mapping

from catalog.rules.call import SEVERAL
from catalog.vocabulary import vocabulary
from forge.i18n.languages import PageLanguage, mark

KINDS: Mapping[str, str] = {
    "need": mark("What we lack"),
    "money": mark("Money"),
    "translate": mark("Translate"),
    "test": mark("Test with users"),
    "accessibility": mark("Check accessibility"),
    "write": mark("Write"),
    "host": mark("Host it"),
    "code": mark("Program"),
    "successor": mark("Take it over"),
    "collective": mark("A host for a collective"),
}
ASKED: Mapping[str, str] = {  # titles of the forms
    "need": mark("Say what you lack"),
    "money": mark("Ask for money"),
    "translate": mark("Ask for translators"),
    "test": mark("Ask for people who test it"),
    "accessibility": mark("Ask for an accessibility check"),
    "write": mark("Ask for people who write"),
    "host": mark("Ask for a host"),
    "code": mark("Ask for programmers"),
    "successor": mark("Ask for somebody who takes it over"),
    "collective": mark("Look for a host for your collective"),
}
MEANT: Mapping[str, str] = {  # what each kind is for, where somebody chooses one
    "need": mark("You looked for software and found none that fits."),
    "successor": mark("You keep a project and want to hand it over."),
    "collective": mark("Your group has no legal form, and looks for an organization that holds money or signs for it."),
}
STATES: Mapping[str, str] = {
    "open": mark("Open"),
    "answered": mark("Answered"),
    "ended": mark("Ended"),
    "withdrawn": mark("Taken back"),
}
HANDED: Mapping[str, str] = {
    "rights": mark("The rights to the code"),
    "names": mark("The name and the logo"),
    "domains": mark("The web addresses"),
    "money": mark("The money and the accounts"),
    "users": mark("The contact with those who use it"),
}
LOOKED: Mapping[str, str] = {
    "fiscal-host": mark("Somebody who holds money and signs for us"),
    "co-maintainer": mark("Somebody who keeps the software with us"),
    "users": mark("Groups that use it"),
}
OBSTACLES: Mapping[str, str] = {  # what the makers say about an obstacle
    "received": mark("Its makers did not answer yet"),
    "looking": mark("Its makers look at it"),
    "fixed": mark("Its makers say that it is mended"),
    "not-fixed": mark("Its makers say that it stays as it is"),
}
MENDING = (  # the makers' choices: value, what it is called, what it means
    ("looking", mark("We look at it"), ""),
    ("fixed", mark("It is mended"), ""),
    ("not-fixed", mark("It stays as it is"), mark("Write why: everybody can read it.")),
)
AGAIN: Mapping[str, str] = {
    "yes": mark("They would choose it again"),
    "unsure": mark("They are not sure whether they would choose it again"),
    "no": mark("They would not choose it again"),
}
AGAIN_CHOICES = (("yes", mark("Yes"), ""), ("unsure", mark("We are not sure"), ""), ("no", mark("No"), ""))
SHOWN = (  # of a statement of support: value, what is shown
    ("named", mark("The name of our organization, and what we wrote"), ""),
    ("counted", mark("Only that one organization more says so"), ""),
)
QUESTIONS: Mapping[str, str] = {  # states of a question that one group asks another, as moderators read them
    "late": mark("It waits its turn"),
    "relayed": mark("It was passed on"),
    "replied": mark("It was answered"),
    "declined": mark("They said that they cannot answer"),
    "unanswered": mark("Nobody answered within 60 days"),
}
CODES: Mapping[str, Mapping[str, str]] = {  # values that rows of submissions name by a code
    "call": KINDS,
    "handed": HANDED,
    "looked_for": LOOKED,
    "again": {value: label for value, label, _ in AGAIN_CHOICES},
    "country": {SEVERAL: mark("Several countries")},
    "passed": QUESTIONS,
}
# Languages that people may write in beside those of the pages.
_WRITTEN = (
    *("ar", "bn", "br", "ca", "cs", "cy", "da", "de", "el", "en", "es", "eu", "fa", "fi", "fr", "gl", "he", "hi"),
    *("hr", "hu", "id", "it", "ja", "ko", "ln", "mg", "ms", "nl", "nb", "oc", "pl", "pt", "ro", "ru", "rw", "sk"),
    *("sr", "sv", "sw", "ta", "th", "tr", "uk", "ur", "vi", "wo", "yo", "zh"),
)


def written_languages(tongue: PageLanguage) -> list[tuple[str, str]]:
    """Tag and name of the languages that a text may be in, by name."""
    return sorted(((tag, tongue.language(tag)) for tag in _WRITTEN), key=lambda pair: tongue.in_order(pair[1]))


def vocabulary_choices(name: str, tongue: PageLanguage) -> list[tuple[str, str]]:
    """Slug and label of the terms of a vocabulary, in its order."""
    known = vocabulary(name)
    return [(slug, known.label(slug, tongue.tag)) for slug in known.terms]
