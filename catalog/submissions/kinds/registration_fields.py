"""The fields of a registration, in one row each, by the question that asks them, with what is wrong with an answer.
Checks of several answers together are in `registration_form`. All but the name may be left open.
"""

from collections.abc import Mapping
from typing import Any

from catalog import text_rules
from catalog.licenses import expressions
from catalog.sentences import mark
from catalog.submissions.base.fields import (
    CHOICE,
    CHOICES,
    LANGUAGE,
    LANGUAGES,
    LINE,
    SENTENCE,
    URL,
    YES,
    YES_NO,
    Condition,
    FormField,
)

USES = ("online", "hosted", "install")
MAX_NAME, MAX_NEEDS, MAX_WORDS, MAX_SCREENS = 100, 3, 500, 30  # characters, terms, characters, languages
MAX_SUMMARY = text_rules.MAX_SUMMARY

NO_NAME = "Enter the name of the project"
LONG_NAME = "Use 100 characters or fewer"
NO_SUMMARY = "Write in one sentence what it lets people do"
LONG_SUMMARY = "Use 120 characters or fewer"
NO_LETTERS = "Write it in words"
HOLDS_EMAIL = "Leave out e-mail addresses: this text is public"
NO_LICENSE = "Enter the short name of a licence, like AGPL-3.0-or-later"
NO_WEB_ADDRESS = "Enter a web address like https://example.org/page"
NO_NEED = "Choose what it is for, or write it"
MANY_NEEDS = "Choose at most 3"
NO_USE = "Choose how people can use it"
NO_HARDNESS = "Choose how hard it is to install"
NO_SCREENS = "Choose the languages of its screens"
NO_MAKER = "Say whether you maintain this software"
SENTENCES = (NO_NAME, LONG_NAME, NO_SUMMARY, LONG_SUMMARY, NO_LETTERS, HOLDS_EMAIL, NO_LICENSE, NO_WEB_ADDRESS, NO_NEED,
             MANY_NEEDS, NO_USE, NO_HARDNESS, NO_SCREENS, NO_MAKER)  # fmt: skip


def license_of(text: str) -> str | None:
    """The SPDX expression that somebody means; None for what is none."""
    try:
        return expressions.canonical(text)
    except ValueError:
        return None


def wrong_text(text: str) -> str | None:
    """What is wrong with words that everybody may read."""
    if not any(letter.isalnum() for letter in text):
        return NO_LETTERS
    return None if text_rules.prose(text) is None else HOLDS_EMAIL


def _wrong_license(text: str) -> str | None:
    return None if license_of(text) else NO_LICENSE


_WEB: Mapping[str, Any] = {"longest": 500, "too_long": NO_WEB_ADDRESS, "refused": NO_WEB_ADDRESS}
FIELDS = (
    FormField("name", LINE, mark("Its usual name"), step="name", missing=NO_NAME, longest=MAX_NAME,
              too_long=LONG_NAME, numbered=True, check=wrong_text),
    FormField("license", LINE, mark("The short name of its licence"),
              mark("Like AGPL-3.0-or-later, GPL-3.0-only, EUPL-1.2 or MIT. It often stands in a file called LICENSE."),
              step="license", numbered=True, check=_wrong_license),
    FormField("homepage", URL, mark("Address of its website"), step="homepage", **_WEB),
    FormField("summary", SENTENCE, mark("What does it let people do? One sentence of at most 120 characters"),
              mark("Begin with a verb, like: Keeps the members and fees of an association. Write no praise and no "
                   "technical words."), step="summary", longest=MAX_SUMMARY, too_long=LONG_SUMMARY,
              numbered=True, check=wrong_text),
    FormField("language", LANGUAGE, mark("In which language did you write it?"), step="summary"),
    FormField("needs", CHOICES, mark("What is it for? Choose up to 3"), vocabulary="domain", most=MAX_NEEDS,
              too_many=MANY_NEEDS, refused=NO_NEED, step="needs"),
    FormField("need_words", LINE, mark("Something else, in your words"), longest=MAX_WORDS, step="needs", numbered=True,
              check=wrong_text),
    FormField("use", CHOICES, mark("How can people use it? Choose all that are true"),
              options=(("online", mark("In a browser, at an address that anybody can open"), ""),
                       ("hosted", mark("Somebody hosts it for others"), ""),
                       ("install", mark("The organization installs it itself"), "")), step="use",
              refused=NO_USE),
    FormField("online", URL, mark("At which address?"), step="use", when=Condition("online", "use", ("online",)),
              **_WEB),
    FormField("host_words", LINE, mark("Who hosts it for others?"), mark("Organizations only, no persons."),
              longest=MAX_WORDS, numbered=True, check=wrong_text, step="use",
              when=Condition("hosted", "use", ("hosted",))),
    FormField("hardness", CHOICE, mark("How hard is it to install?"), vocabulary="hardness", step="use",
              when=Condition("install", "use", ("install",)), refused=NO_HARDNESS),
    FormField("screens", LANGUAGES, mark("Which languages are its screens in?"), most=MAX_SCREENS, too_many=NO_SCREENS,
              refused=NO_SCREENS, step="screens"),
    FormField("other_screens", LINE, mark("Other languages"), mark("Their names, separated by commas."),
              step="screens"),
    FormField("maker", YES_NO, mark("Do you maintain this software?"),
              mark("Maintainers can manage its page here. You verify this later, once the software is accepted."),
              options=((YES, mark("Yes, I develop or maintain it, alone or with others"), ""),
                       ("no", mark("No, I use it or know it"), "")), step="maker", refused=NO_MAKER),
)  # fmt: skip
BY_NAME: Mapping[str, FormField] = {field.name: field for field in FIELDS}


def fields_of_step(step: str) -> tuple[FormField, ...]:
    return tuple(field for field in FIELDS if field.step == step)
