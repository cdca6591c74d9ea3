"""What is typed about a use, judged and read: which answers may not be sent, and what the others say. Pure.

Each sentence says how to mend it; all that is wrong is told at once.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from catalog.document import rules
from catalog.model import AGAIN
from catalog.rules.adoption import VISIBILITIES
from catalog.submissions.base import validation as base_validation
from catalog.vocabulary import vocabulary

PAST = ("stopped", "not-retained")
TEXTS = ("version", "provider", "purpose", "lesson")  # that the desk may correct
MOST_REPLACED, MOST_REASONS = 5, 5
LONGEST: Mapping[str, int] = {"name": 120, "homepage": 300, "version": 40, "purpose": 300, "lesson": 1_000,
                              "provider": 120, "replaced": 60}  # fmt: skip

NO_NAME = "Enter the name of your organization"
NO_KIND = "Choose what kind of organization it is"
NO_COUNTRY = "Choose the country where it is"
NO_WEBSITE = "Enter a web address like https://example.org, or leave this empty"
NO_STAGE = "Choose how you use it"
NO_REASON = "Choose reasons from the list"
NO_DATE = "Enter a year like 2019, or a month like 2019-05"
LATER = "Enter a date that is not in the future"
NOT_OVER = "This fits only what is over. Choose that you stopped or did not choose it, or leave this empty"
BACKWARDS = "The end is before the beginning. Correct one of the two"
NO_CHOICE = "Choose one from the list, or leave it open"
TOO_LONG = "This is too long. Shorten it"
TOO_MANY = "Name at most 5"
AN_ADDRESS = "Leave out e-mail addresses: this text is public"
NO_VISIBILITY = "Choose what we may show"
NOT_SPEAKING = "Say that you may tell us this for your organization"
SENTENCES = (
    *(NO_NAME, NO_KIND, NO_COUNTRY, NO_WEBSITE, NO_STAGE, NO_REASON, NO_DATE, LATER, NOT_OVER, BACKWARDS),
    *(NO_CHOICE, TOO_LONG, TOO_MANY, AN_ADDRESS, NO_VISIBILITY, NOT_SPEAKING),
)

# As the pages ask it.
_ASKED = (
    *("name", "kind", "country", "homepage"),
    *("stage", "since", "purpose", "people", "deployment", "provider", "until", "reasons"),
    *("version", "replaced", "effort_days", "cost_band", "lesson", "again"),
)

_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")
_LISTS = {"deployment": "deployment", "people": "people-band", "effort_days": "effort-band", "cost_band": "cost-band"}


class AdoptionAnswers(TypedDict, total=False):
    """What the answers say of a use, as the fields of `catalog.model.Adoption`."""

    stage: str | None
    reasons: tuple[str, ...]
    since: str | None
    until: str | None
    version: str | None
    purpose: dict[str, str]
    deployment: str | None
    replaced: tuple[str, ...]
    people: str | None
    effort_days: str | None
    cost_band: str | None
    lesson: dict[str, str]
    again: str | None


def problems_of(answers: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """What keeps these answers from being sent, a sentence by field."""
    return {**of_organization(answers), **of_use(answers, now), **of_showing(answers)}


def of_organization(answers: Mapping[str, Any]) -> dict[str, str]:
    """Of an organization that is added; nothing for one that is chosen."""
    if answers.get("organization") or not _adds(answers):
        return {}
    wrong: dict[str, str] = {}
    if not answers.get("name"):
        wrong["name"] = NO_NAME
    if answers.get("kind") not in vocabulary("organization-kind").terms:
        wrong["kind"] = NO_KIND
    if rules.country(answers.get("country") or ""):
        wrong["country"] = NO_COUNTRY
    if answers.get("homepage") and rules.url(answers["homepage"]):
        wrong["homepage"] = NO_WEBSITE
    return base_validation.in_order({**_texts(answers, ("name", "homepage")), **wrong}, _ASKED)


def of_use(answers: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """Of how it is used."""
    wrong = _texts(answers, ("version", "purpose", "lesson", "provider"))
    if answers.get("stage") not in vocabulary("stage").terms:
        wrong["stage"] = NO_STAGE
    reasons = answers.get("reasons") or ()
    if not set(reasons) <= set(vocabulary("stop-reason").terms):
        wrong["reasons"] = NO_REASON
    elif len(reasons) > MOST_REASONS:
        wrong["reasons"] = TOO_MANY
    for name in ("since", "until"):
        if date := answers.get(name):
            if rules.date(date):
                wrong[name] = NO_DATE
            elif date > now.date().isoformat()[: len(date)]:
                wrong[name] = LATER
    since, until = answers.get("since") or "", answers.get("until") or ""
    length = min(len(since), len(until))
    if not {"since", "until"} & wrong.keys() and until[:length] < since[:length]:
        wrong["until"] = BACKWARDS
    if answers.get("stage") in vocabulary("stage").terms and answers["stage"] not in PAST:
        wrong = {name: NOT_OVER for name in ("until", "reasons") if answers.get(name)} | wrong
    for name, known in _LISTS.items():
        if answers.get(name) and answers[name] not in vocabulary(known).terms:
            wrong[name] = NO_CHOICE
    if answers.get("again") and answers["again"] not in AGAIN:
        wrong["again"] = NO_CHOICE
    replaced = answers.get("replaced") or ()
    if len(replaced) > MOST_REPLACED:
        wrong["replaced"] = TOO_MANY
    elif any(len(name) > LONGEST["replaced"] for name in replaced):
        wrong["replaced"] = TOO_LONG
    elif any(_EMAIL.search(name) for name in replaced):
        wrong["replaced"] = AN_ADDRESS
    return base_validation.in_order(wrong, _ASKED)


def of_showing(answers: Mapping[str, Any]) -> dict[str, str]:
    """Of what may be shown, and of who says so."""
    wrong = {}
    if answers.get("visibility") not in VISIBILITIES:
        wrong["visibility"] = NO_VISIBILITY
    if answers.get("speaks") != "yes":
        wrong["speaks"] = NOT_SPEAKING
    return wrong


def adoption_of_answers(answers: Mapping[str, Any], language: str) -> AdoptionAnswers:
    """What answers without problems say; of others, what can be read."""
    stage = answers.get("stage")
    return {
        "stage": stage if stage in vocabulary("stage").terms else None,
        "reasons": tuple(answers.get("reasons") or ()) if stage in PAST else (),
        "since": answers.get("since") or None,
        "until": (answers.get("until") or None) if stage in PAST else None,
        "version": answers.get("version") or None,
        "purpose": {language: answers["purpose"]} if answers.get("purpose") else {},
        "deployment": answers.get("deployment") or None,
        "replaced": tuple(dict.fromkeys(answers.get("replaced") or ())),
        "people": answers.get("people") or None,
        "effort_days": answers.get("effort_days") or None,
        "cost_band": answers.get("cost_band") or None,
        "lesson": {language: answers["lesson"]} if answers.get("lesson") else {},
        "again": answers.get("again") or None,
    }


def _adds(answers: Mapping[str, Any]) -> bool:
    return any(answers.get(name) for name in ("name", "kind", "country", "homepage"))


def _texts(answers: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    wrong = {}
    for name in names:
        text = answers.get(name) or ""
        if len(text) > LONGEST[name]:
            wrong[name] = TOO_LONG
        elif _EMAIL.search(text):
            wrong[name] = AN_ADDRESS
    return wrong
