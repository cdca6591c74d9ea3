"""Checks of texts and choices that several kinds of submissions share: one sentence for each fault."""

import re
from collections.abc import Mapping
from typing import Any

from catalog.rules.call import MAX_WORDS
from catalog.rules.contact_details import contact_in

TOO_LONG = "Use 1,000 characters or fewer"
TOO_LONG_LINE = "Use 200 characters or fewer"
A_CONTACT = "Leave out e-mail addresses and telephone numbers: people write to you through a form here"
NO_COUNTRY = "Choose a country of the list"
NO_TERM = "Choose one of the list"
NO_LANGUAGE = "Choose the language you write in"
SENTENCES = (TOO_LONG, TOO_LONG_LINE, A_CONTACT, NO_COUNTRY, NO_TERM, NO_LANGUAGE)

MAX_LINE = 200
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")


def text_answer(answers: Mapping[str, Any], name: str) -> str:
    """An answer as text; empty when there is none."""
    value = answers.get(name)
    return value.strip() if isinstance(value, str) else ""


def words(answers: Mapping[str, Any], missing: Mapping[str, str], *more: str) -> dict[str, str]:
    """What is wrong with public texts: those of `missing` must be there, else its sentence; `more` may be."""
    wrong = {}
    for name in (*missing, *more):
        text = text_answer(answers, name)
        if not text and name in missing:
            wrong[name] = missing[name]
        elif len(text) > MAX_WORDS:
            wrong[name] = TOO_LONG
        elif contact_in(text):
            wrong[name] = A_CONTACT
    return wrong


def lines(answers: Mapping[str, Any], *names: str) -> dict[str, str]:
    """What is wrong with short public texts that may be left out."""
    wrong = {}
    for name in names:
        text = text_answer(answers, name)
        if len(text) > MAX_LINE:
            wrong[name] = TOO_LONG_LINE
        elif contact_in(text):
            wrong[name] = A_CONTACT
    return wrong


def language(answers: Mapping[str, Any], name: str = "language") -> dict[str, str]:
    """What is wrong with a language, which may be left out."""
    value = text_answer(answers, name)
    return {name: NO_LANGUAGE} if value and not _TAG.fullmatch(value) else {}


def filled_answers(answers: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The answers of these names that hold something, as a record keeps them."""
    filled: dict[str, Any] = {}
    for name in names:
        value = answers.get(name)
        if isinstance(value, str) and value.strip():
            filled[name] = value.strip()
        elif isinstance(value, (list, tuple)) and value:
            filled[name] = [text for text in value if isinstance(text, str)]
    return filled
