"""The fields of the adoption form: read into answers, checked step by step, and filled with answers again. Pure.

`catalog.submissions.base.adoption_form` checks the answers.
"""

import re
from collections.abc import Mapping
from typing import Any

from catalog.model import Adoption
from catalog.submissions.base.adoption_form import of_organization, of_showing, of_use
from catalog.submissions.kinds.adoption_options import of_wishes
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
