"""The fields of an adoption: what an organization says of its use of a project, in one row each. From a row come the
field on its page, its check, the line of the preview and of the desk, the member of the API's body, the line on the
project's page and the column of exports. What a record keeps of it is the field of the same name of
`catalog.model.Adoption`.
"""

from collections.abc import Mapping
from dataclasses import fields as fields_of_dataclass
from typing import Any

from catalog.model import Adoption
from catalog.rules.adoption import COUNTED, SELF_DECLARED, VISIBILITIES
from catalog.sentences import mark
from catalog.submissions.base.fields import (
    CHOICE,
    CONSENT,
    DATE,
    LANGUAGES,
    NAMES,
    TERM,
    TERMS,
    TEXT,
    YES,
    YES_NO,
    Condition,
    FormField,
    asked,
    recorded,
)

USED = ("in-production", "piloting", "evaluating", "considering", "phasing-out")
PAST = ("stopped", "not-retained")
MOST_LANGUAGES = 20
# Likely ones first: Europe, then where this catalogue's languages are spoken (ISO 4217).
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "CAD", "BRL", "MAD", "TND", "DZD", "XOF", "XAF", "EGP", "LBP", "ARS", "CLP",
              "COP", "MXN", "PEN", "UYU", "AOA", "MZN", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "RON", "HUF",
              "INR", "JPY", "CNY", "ZAR", "KES", "TRY")  # fmt: skip

NO_STAGE = "Choose how you use it"
NO_REASON = "Choose reasons from the list"
NOT_OVER = "This fits only what is over. Choose that you stopped or did not choose it, or leave this empty"
NO_VISIBILITY = "Choose what we may show"
NOT_SPEAKING = "Confirm that you are authorised to speak for this organization"
NO_ANSWER = "Choose whether others may ask you"
NO_LANGUAGES = "Choose in which languages you can answer"
MANY_LANGUAGES = "Choose at most 20 languages"
SENTENCES = (NO_STAGE, NO_REASON, NOT_OVER, NO_VISIBILITY, NOT_SPEAKING, NO_ANSWER, NO_LANGUAGES,
             MANY_LANGUAGES)  # fmt: skip

ORGANIZATION, HOW, SHOW = STEPS = ("organization", "how", "show")
MORE = "more"  # what the second part asks, after the message's link was opened

_IN_USE = Condition("used", "stage", USED)
_OVER = Condition("past", "stage", PAST, NOT_OVER)
_ASKABLE = Condition("asked", "questions", (YES,))
STAGES = (
    ("in-production", mark("We use it every day"), ""),
    ("piloting", mark("We are trying it"), ""),
    ("stopped", mark("We stopped using it"), ""),
    ("not-retained", mark("We looked at it and chose something else"), ""),
    ("considering", mark("We are considering it"), ""),
    ("evaluating", mark("We are testing it with sample data"), ""),
    ("phasing-out", mark("We are replacing it"), ""),
)
VISIBILITY_OPTIONS = (
    ("public", mark("Our name and our answers"), mark("Public, and shared with other catalogues.")),
    (
        "counted",
        mark("Counted only, without our name"),
        mark("From five organizations on, we write “5 or more organizations use it”. Nobody sees which ones."),
    ),
)
QUESTION_OPTIONS = (
    (
        "yes",
        mark("Yes, through a form on this site"),
        mark(
            "Only if your name is shown and a representative of your organization is verified. Your address "
            "stays hidden, and you can turn this off at any time."
        ),
    ),
    ("no", mark("No"), ""),
)
AGAIN_OPTIONS = (("yes", mark("Yes"), ""), ("unsure", mark("Not sure"), ""), ("no", mark("No"), ""))
_DATE_HINT = mark("A year like 2019, or a month like 2019-05.")

FIELDS = (
    FormField(
        "stage",
        CHOICE,
        mark("Choose what fits best"),
        called=mark("Your use"),
        vocabulary="stage",
        options=STAGES,
        rare=("considering", "evaluating", "phasing-out"),
        step=HOW,
        missing=NO_STAGE,
        refused=NO_STAGE,
        row="adopt.stage",
        shape="term:stage",
    ),
    FormField("since", DATE, mark("Since when?"), _DATE_HINT, mark("Since"), step=HOW, when=_IN_USE, row="adopt.since",
              shown=mark("Since %(date)s")),
    FormField("purpose", TEXT, mark("What do you use it for?"),
              mark("One sentence that helps an organization like yours."), mark("What you use it for"), step=HOW,
              when=_IN_USE, row="adopt.purpose", longest=300, numbered=True,
              rows=2),
    FormField("until", DATE, mark("Until when?"), _DATE_HINT, mark("Until"), step=HOW, when=_OVER, row="adopt.until",
              not_before="since",
              shown=mark("Until %(date)s")),
    FormField("reasons", TERMS, mark("Why did it end?"), called=mark("Why you stopped"), vocabulary="stop-reason",
              step=HOW, when=_OVER, row="adopt.reasons", refused=NO_REASON, most=5),
    FormField("deployment", TERM, mark("Where does it run?"), called=mark("Where it runs"), vocabulary="deployment",
              step=MORE, row="adopt.deployment", shown="%(value)s"),
    FormField("provider", label=mark("Which organization hosts it for you or helps you?"),
              hint=mark("Its name as it stands in this catalogue."), called=mark("Who hosts or supports it"), step=MORE,
              row="adopt.provider", shape="organization", longest=120, numbered=True,
              shown=mark("With support from %(name)s")),
    FormField("replaced", NAMES, mark("What did it replace?"), mark("Names of tools, separated by commas."),
              mark("What it replaced"), step=MORE, row="adopt.replaced", longest=60, most=5,
              shown=mark("Replaces %(names)s")),
    FormField("version", label=mark("Which version?"), called=mark("Version"), step=MORE, row="adopt.version",
              longest=40, numbered=True, shown=mark("Version %(name)s")),
    FormField("people", TERM, mark("How many people use it?"), called=mark("Number of people using it"),
              vocabulary="people-band", step=MORE, row="adopt.people", shown=mark("People using it: %(people)s")),
    FormField("effort_days", TERM, mark("How many days of work did the change take?"),
              called=mark("Days needed to migrate"), vocabulary="effort-band", step=MORE, row="adopt.effort_days",
              shown=mark("Time to migrate: %(days)s")),
    FormField("cost_band", TERM, mark("What does it cost you a year?"), mark("Hosting, support and changes."),
              mark("Annual cost"), "cost-band", step=MORE, row="adopt.cost_band", unit="currency",
              shown=mark("Annual cost: %(cost)s")),
    FormField("currency", CHOICE, mark("In which currency?"), called=mark("Currency"),
              options=tuple((code, code, "") for code in CURRENCIES), step=MORE, row="adopt.currency",
              shape="currency"),
    FormField("again", CHOICE, mark("Would you choose it again?"), options=AGAIN_OPTIONS, step=MORE, row="adopt.again",
              shape="again"),
    FormField("lesson", TEXT, mark("What would you tell an organization that considers it?"),
              called=mark("Advice for others"), step=MORE, row="adopt.lesson", longest=1_000, numbered=True),
    FormField("visibility", CHOICE, mark("Who may see it?"), called=mark("What we may show"), vocabulary="visibility",
              options=VISIBILITY_OPTIONS, step=SHOW, missing=NO_VISIBILITY, refused=NO_VISIBILITY,
              row="adopt.visibility", shape="term:visibility"),
    FormField("questions", YES_NO, mark("May other organizations ask you?"),
              called=mark("Other organizations may ask you questions"), options=QUESTION_OPTIONS, step=SHOW,
              refused=NO_ANSWER, row="adopt.questions",
              documented="Other groups may ask, in `languages`."),
    FormField("languages", LANGUAGES, mark("In which languages can you answer?"),
              called=mark("Languages in which you can answer"), step=SHOW, when=_ASKABLE, missing=NO_LANGUAGES,
              refused=NO_LANGUAGES, most=MOST_LANGUAGES, too_many=MANY_LANGUAGES, row="adopt.languages"),
    FormField("told", CONSENT, mark("E-mail me about changes"),
              mark("Once a week at most, and only when there is news. You can unsubscribe at any time. "
                   "Nobody else sees your address."), step=MORE, row="adopt.told",
              documented="The sender follows the project by mail."),
    FormField("speaks", CONSENT, mark("I am authorised to speak for this organization."), step=SHOW,
              missing=NOT_SPEAKING, row="", documented="The sender may say this for the organization."),
)  # fmt: skip

BY_NAME: Mapping[str, FormField] = {field.name: field for field in FIELDS}
_OTHERWISE_KEPT = ("organization", "provider", "visibility", "verification")
_KEPT = {field.name for field in fields_of_dataclass(Adoption)} - set(_OTHERWISE_KEPT)
STATED = tuple(field for field in FIELDS if field.name in _KEPT)  # that a record keeps as they are said
PUBLISHED = tuple(field for field in FIELDS if field in STATED or field.name == "provider")
_UNITS = {field.unit for field in FIELDS}
_TOLD_APART = ("stage", "reasons", "purpose", "lesson", "again")  # in sentences of their own
SHOWN_IN_A_LINE = tuple(field for field in PUBLISHED if field.name not in {*_UNITS, *_TOLD_APART})


def stated_adoption(answers: Mapping[str, Any], language: str, organization: str, provider: str | None) -> Adoption:
    """What answers without problems say; of others, what can be read."""
    values: dict[str, Any] = {}
    counts = {field.name for field in asked(STATED, answers)}
    for field in STATED:
        refused = field.when is not None and field.when.refused and field.name not in counts
        value = None if refused else recorded(field, answers.get(field.name), language)
        if value is not None:
            values[field.name] = tuple(value) if isinstance(value, list) else value
    if values.get("stage") not in BY_NAME["stage"].terms:
        values.pop("stage", None)
    visibility = answers.get("visibility")
    return Adoption(
        organization=organization,
        **values,
        provider=provider,
        visibility=str(visibility) if visibility in VISIBILITIES else COUNTED,
        verification=SELF_DECLARED,
    )


def values_of(adoption: Adoption) -> dict[str, Any]:
    """What an adoption says, by the name of its field; JSON-safe."""
    values = {field.name: getattr(adoption, field.name) for field in (*PUBLISHED, BY_NAME["visibility"])}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value}


def answers_of(adoption: Adoption, provider: str | None, language: str) -> dict[str, Any]:
    """The answers that describe an adoption, to be corrected; of texts, the one in the reader's language."""
    answers: dict[str, Any] = {"provider": provider or "", "visibility": adoption.visibility}
    for field in STATED:
        value = getattr(adoption, field.name)
        if field.kind == TEXT:
            answers[field.name] = value.get(language, "")
        else:
            answers[field.name] = list(value) if isinstance(value, tuple) else str(value or "")
    return answers
