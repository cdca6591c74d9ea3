"""The adoption form: from its fields to answers and back, with the choices in plain words. Pure.

`catalog.submissions.base.adoption_form` checks the answers.
"""

import re
from collections.abc import Mapping
from typing import Any

from catalog.model import Adoption
from catalog.submissions.base.adoption_form import of_organization, of_showing, of_use
from catalog.submissions.kinds.adoption_options import of_wishes
from catalog.vocabulary import vocabulary
from forge.i18n.languages import mark
from forge.web.core.form import Form, digits

ORGANIZATION, HOW, SHOW, EMAIL, CHECK = STEPS = ("organization", "how", "show", "email", "check")

_LINES = {
    ORGANIZATION: ("name", "kind", "country", "homepage"),
    HOW: ("stage", "since", "until", "version", "deployment", "provider", "people", "effort_days", "cost_band",
          "again"),
    SHOW: ("visibility", "speaks", "questions", "told"),
}  # fmt: skip
_TEXTS = {HOW: ("purpose", "lesson")}
_COMMA = re.compile(r"[,;،；、\n]+")

# Values, labels and what each means, as the form's radios take them.
STAGES = (
    ("in-production", mark("We use it every day"), ""),
    ("piloting", mark("We are trying it with real data"), ""),
    ("evaluating", mark("We are testing it"), ""),
    ("considering", mark("We are considering it"), ""),
    ("phasing-out", mark("We are phasing it out"), ""),
    ("stopped", mark("We stopped using it"), ""),
    ("not-retained", mark("We looked at it and chose something else"), ""),
)
VISIBILITIES = (
    ("public", mark("Our name and our answers"), mark("Public, and shared with other catalogues.")),
    (
        "counted",
        mark("Counted only, without our name"),
        mark("From five organizations on, we write “5 or more organizations use it”. Nobody sees which ones."),
    ),
    ("network", mark("Members of our network"), mark("Only members of the same network, when signed in.")),
    ("maintainers", mark("The maintainers"), mark("Only verified maintainers, when signed in.")),
)
QUESTIONS = (
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
AGAIN = (
    ("yes", mark("Yes"), ""),
    ("unsure", mark("Not sure"), ""),
    ("no", mark("No"), ""),
)
# Labels of the answers, by the names that submissions give them.
LABELS: Mapping[str, str] = {
    "organization.name": mark("Name of the organization"),
    "organization.kind": mark("Kind"),
    "organization.country": mark("Country"),
    "organization.homepage": mark("Website"),
    "adopt.stage": mark("Your use"),
    "adopt.reasons": mark("Why you stopped"),
    "adopt.since": mark("Since"),
    "adopt.until": mark("Until"),
    "adopt.version": mark("Version"),
    "adopt.purpose": mark("What you use it for"),
    "adopt.deployment": mark("Where it runs"),
    "adopt.provider": mark("Who hosts or supports it"),
    "adopt.provider_words": mark("Who hosts or supports it, in your own words"),
    "adopt.people": mark("Number of people using it"),
    "adopt.replaced": mark("What it replaced"),
    "adopt.effort_days": mark("Days needed to migrate"),
    "adopt.cost_band": mark("Annual cost"),
    "adopt.lesson": mark("Advice for others"),
    "adopt.again": mark("Would you choose it again?"),
    "adopt.visibility": mark("What we may show"),
    "adopt.questions": mark("Other organizations may ask you questions"),
    "adopt.languages": mark("Languages in which you can answer"),
    "adopt.told": mark("Alerts about licence changes and security"),
    "away.words": mark("Message to the moderators"),
}
DOUBTS: Mapping[str, str] = {
    "same-name": mark("An organization with this name already exists"),
    "same-website": mark("An organization with this website already exists"),
    "unknown-website": mark("No website is known to verify an address"),
    "mailbox-provider": mark("The address is from a public e-mail provider: it verifies nothing"),
    "unknown-provider": mark("No organization with this name exists here: it is not shown unless you correct it"),
    "other-stage": mark("It contradicts the published information"),
    "confirmed-already": mark("The organization has already declared its use"),
    "withdrawn-before": mark("The organization withdrew this before"),
}


def typed_answers(form: Form, step: str) -> dict[str, Any]:
    """The answers of one step, as they are stored; only the fields of that step."""
    answers: dict[str, Any] = {name: form.line(name) for name in _LINES.get(step, ())}
    answers |= {name: form.text(name) for name in _TEXTS.get(step, ())}
    if step == HOW:
        answers |= {name: digits(answers[name]) for name in ("since", "until")}
        answers["reasons"] = list(form.chosen("reasons"))
        names = (" ".join(name.split()) for name in _COMMA.split(form.text("replaced")))
        answers["replaced"] = [name for name in names if name]
    if step == SHOW:
        answers["languages"] = list(form.chosen("languages"))
    if step == ORGANIZATION:
        answers["country"] = answers["country"].upper()
    return answers


def filled_form(answers: Mapping[str, Any]) -> Form:
    """The form filled with these answers."""
    values = {name: [value] for name, value in answers.items() if isinstance(value, str)}
    values["reasons"] = list(answers.get("reasons") or ())
    values["languages"] = list(answers.get("languages") or ())
    values["replaced"] = [", ".join(answers.get("replaced") or ())]
    return Form(values)


def step_problems(answers: Mapping[str, Any], step: str, now: Any) -> dict[str, str]:
    """What is wrong with the answers of one step, by field."""
    if step == ORGANIZATION:
        return of_organization(answers)
    return of_use(answers, now) if step == HOW else of_showing(answers) | of_wishes(answers) if step == SHOW else {}


def answers_of(adoption: Adoption, provider: str | None, language: str) -> dict[str, Any]:
    """The answers that describe this adoption, to be corrected; of texts, the one in the reader's language."""
    answers = {name: getattr(adoption, name) or "" for name in _LINES[HOW] if name != "provider"}
    return answers | {
        "provider": provider or "",
        "reasons": list(adoption.reasons),
        "replaced": list(adoption.replaced),
        "purpose": adoption.purpose.get(language, ""),
        "lesson": adoption.lesson.get(language, ""),
        "visibility": adoption.visibility,
    }


def terms(name: str) -> tuple[str, ...]:
    """The terms of a vocabulary, in its order."""
    return tuple(vocabulary(name).terms)
