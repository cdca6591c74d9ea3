"""The fields of a registration, in one row each, by the question that asks them. What is wrong with their answers is
`registration_form`'s matter.
"""

from collections.abc import Mapping

from catalog.sentences import mark
from catalog.submissions.base.fields import (
    CHOICE,
    CHOICES,
    LANGUAGE,
    LINE,
    SENTENCE,
    URL,
    YES,
    YES_NO,
    Condition,
    FormField,
)

USES = ("online", "hosted", "install")
STATES = ("full", "partial", "none")
STANDARDS = ("WCAG 2.2 AA", "WCAG 2.1 AA", "RGAA 4.1", "EN 301 549")
MAX_NAME, MAX_NEEDS, MAX_WORDS, MAX_SCREENS = 100, 3, 500, 30  # characters, terms, characters, languages

_CHECKED = Condition("checked", "accessibility", STATES)
FIELDS = (
    FormField("name", LINE, mark("Its name, as people say it"), step="name"),
    FormField("license", LINE, mark("The short name of its licence"),
              mark("Like AGPL-3.0-or-later, GPL-3.0-only, EUPL-1.2 or MIT. It often stands in a file called LICENSE."),
              step="license"),
    FormField("homepage", URL, mark("Address of its website"), step="homepage"),
    FormField("summary", SENTENCE, mark("What does it let people do? One sentence of at most 120 characters"),
              mark("Begin with a verb, like: Keeps the members and fees of an association. Write no praise and no "
                   "technical words."), step="summary"),
    FormField("language", LANGUAGE, mark("In which language did you write it?"), step="summary"),
    FormField("needs", CHOICES, mark("What is it for? Choose up to 3"), vocabulary="domain", most=MAX_NEEDS,
              step="needs"),
    FormField("need_words", LINE, mark("Something else, in your words"), longest=MAX_WORDS, step="needs"),
    FormField("use", CHOICES, mark("How can people use it? Choose all that are true"),
              options=(("online", mark("In a browser, at an address that anybody can open"), ""),
                       ("hosted", mark("Somebody hosts it for others"), ""),
                       ("install", mark("The organization installs it itself"), "")), step="use"),
    FormField("online", URL, mark("At which address?"), step="use", when=Condition("online", "use", ("online",))),
    FormField("host_words", LINE, mark("Who hosts it for others?"), mark("Organizations only, no persons."),
              longest=MAX_WORDS, step="use", when=Condition("hosted", "use", ("hosted",))),
    FormField("hardness", CHOICE, mark("How hard is it to install?"), vocabulary="hardness", step="use",
              when=Condition("install", "use", ("install",))),
    FormField("screens", CHOICES, mark("Which languages are its screens in?"), most=MAX_SCREENS, step="screens"),
    FormField("other_screens", LINE, mark("Other languages"), mark("Their names, with a comma between two."),
              step="screens"),
    FormField("accessibility", CHOICE, mark("Was its accessibility checked?"),
              mark("Whether people who do not see, hear or use a mouse can work with it."),
              options=(("full", mark("Yes, and it conforms"), ""),
                       ("partial", mark("Yes, and it conforms in part"), ""),
                       ("none", mark("Yes, and it does not conform"), "")), step="screens"),
    FormField("standard", CHOICE, mark("By which rules?"), options=tuple((name, name, "") for name in STANDARDS),
              step="screens", when=_CHECKED),
    FormField("report", URL, mark("Address of the report"), step="screens", when=_CHECKED),
    FormField("maker", YES_NO, mark("Do you maintain this software?"),
              mark("Maintainers can manage its page here. You verify this later, once the software is accepted."),
              options=((YES, mark("Yes, I develop or maintain it, alone or with others"), ""),
                       ("no", mark("No, I use it or know it"), "")), step="maker"),
)  # fmt: skip
BY_NAME: Mapping[str, FormField] = {field.name: field for field in FIELDS}


def fields_of_step(step: str) -> tuple[FormField, ...]:
    return tuple(field for field in FIELDS if field.step == step)
