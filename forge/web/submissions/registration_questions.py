"""The questions of a registration: their order, how a form is filled again from answers, and how a form is read. Pure.

A question may be answered with "I do not know": its name then stands in `unknown`, and it has no answer.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from babel import Locale

from catalog import text_rules as rules
from catalog.rules.fields import usable_languages
from catalog.rules.submission import preview_result
from catalog.search import normalize
from catalog.sentences import mark
from catalog.submissions.base.fields import CHOICES, LISTS, FormField, problems_of
from catalog.submissions.kinds.registration_fields import fields_of_step, license_of
from catalog.submissions.kinds.registration_form import NO_LANGUAGE, UNWRITTEN, name_of, summary_of, wrong_summary
from catalog.vocabulary import vocabulary
from forge.i18n.languages import PageLanguage
from forge.web.core.category_names import FINANCE_NEEDS, ORGANIZATION_NEEDS, category_name
from forge.web.core.form import Form
from forge.web.submissions.form_fields import typed_answers

RIGHT, EMAIL = "right", "email"  # the page of what was found with all questions; its last field
ASKED = ("summary", "needs", "use", "screens", "maker")  # on that page, as far as nothing answers them
CHANGES = ("name", "license", "homepage")  # asked only where somebody presses Change
QUESTIONS = (*CHANGES, *ASKED)
UNKNOWABLE = tuple(question for question in QUESTIONS if question != "name")
NO_LANGUAGE_NAME = mark("Write the names of the languages, separated by commas")
_COMMA = re.compile("[,;،]")
FOUND_LANGUAGES = ("fr", "en", "es", "pt", "ar", "de", "it", "nl", "ca", "pl")

TITLES: Mapping[str, str] = {
    "name": mark("What is it called?"),
    "license": mark("Which licence does it have?"),
    "homepage": mark("Where is its website?"),
    "summary": mark("What does it let people do?"),
    "needs": mark("What is it for?"),
    "use": mark("How can people use it?"),
    "screens": mark("Which languages are its screens in?"),
    "maker": mark("Do you maintain this software?"),
}


def asked(answers: Mapping[str, Any], preview_values: Mapping[str, Any]) -> tuple[str, ...]:
    """The questions that no file answers."""
    summary = ((preview_result(preview_values).get("values") or {}).get("summary") or {}).get("value")
    has_summary = isinstance(summary, Mapping) and any(
        isinstance(text, str) and not wrong_summary(text, tag) for tag, text in summary.items()
    )
    return tuple(question for question in ASKED if question != "summary" or not has_summary or answers.get("summary"))


def form_fields(
    step: str, preview_values: Mapping[str, Any], form: Form, page_language: PageLanguage
) -> list[FormField]:
    """The fields of a question, with the choices that fit this project."""
    fields = []
    for field in fields_of_step(step):
        if field.name == "needs":
            everyday, wide = needs_offered(preview_values, form.chosen("needs"))
            options = [(term, category_name(term, page_language), "") for term in (*everyday, *wide)]
            field = replace(field, options=options, rare=tuple(wide))
        elif field.name == "screens":
            tags = dict.fromkeys((page_language.tag, *FOUND_LANGUAGES, *filter(_is_tag, form.chosen("screens"))))
            field = replace(field, kind=CHOICES, options=[(tag, page_language.language(tag), "") for tag in tags])
        fields.append(replace(field, missing=NO_LANGUAGE) if field.name == "language" else field)
    return fields


def is_answered(step: str, answers: Mapping[str, Any]) -> bool:
    """Whether something was said to a question before."""
    return any(answers.get(field.name) for field in fields_of_step(step))


def is_asked(step: str, form: Form) -> bool:
    """Whether a form that was sent held this question; of choices alone only where one was made."""
    return any(field.name in form.values for field in fields_of_step(step))


def is_left_open(step: str, form: Form) -> bool:
    """Whether nothing of a question was answered: it is not known."""
    names = [field.name for field in fields_of_step(step) if field.name != "language"]
    return not any(form.text(name) for name in names)


def filled(
    step: str, answers: Mapping[str, Any], preview_values: Mapping[str, Any], page_language: PageLanguage
) -> Form:
    """The form of a question with what was said before, else with what the files say."""
    if step == "name":
        return _form({"name": name_of(answers, preview_values)})
    if step == "summary":
        summary = summary_of(answers, preview_values)
        language = page_language.tag if not summary or page_language.tag in summary else next(iter(summary))
        sentence = summary.get(language, "")
        if language == UNWRITTEN:  # a README does not say which; its words do
            readme = (preview_result(preview_values).get("readme") or {}).get("text") or ""
            language = normalize.language_of(f"{sentence}\n{readme}", page_language.tag)
        return _form({"summary": sentence, "language": language})
    if step == "needs":
        hinted = _previewed_value(preview_values, "domains.hint") if "needs" not in answers else None
        needs = answers.get("needs") or [term for term in hinted or () if term in vocabulary("domain").terms][:3]
        return _form({"needs": needs, "need_words": answers.get("need_words")})
    if step == "use":
        names = ("use", "online", "host_words", "hardness")
        return _form({name: answers.get(name) for name in names})
    if step == "screens":
        spoken = (
            answers.get("screens") if "screens" in answers else tags_of(_previewed_value(preview_values, "languages"))
        )
        return _form({"screens": spoken, "other_screens": answers.get("other_screens")})
    if step in CHANGES:
        return _form({step: answers.get(step) or _previewed_text(step, preview_values)})
    return _form({step: answers.get(step)})


def read_answers(step: str, form: Form, page_language: PageLanguage) -> dict[str, Any]:
    """What the form of a question says, as answers; what is wrong with it is noted in the form."""
    rows = fields_of_step(step)
    answers, wrong = typed_answers(form, rows), dict[str, str]()
    if step == "screens":
        others = [_tag(name, page_language.tag) for name in _COMMA.split(answers["other_screens"]) if name.strip()]
        answers["screens"] = list(dict.fromkeys([*answers["screens"], *(tag for tag in others if tag)]))
        answers["other_screens"] = ""
        if None in others:  # what was chosen beside it is right
            wrong["other_screens"] = NO_LANGUAGE_NAME
    elif step == "summary" and "language" not in form.values:  # the page of all questions reads it from the words
        answers["language"] = normalize.language_of(answers["summary"], page_language.tag)
    wrong |= problems_of([row for row in rows if row.name != "language"], answers)
    if step == "summary" and answers["summary"] and "summary" not in wrong:
        wrong |= wrong_summary(answers["summary"], answers["language"])
    for name, sentence in wrong.items():
        form.wrong(name, sentence)
    if step == "license":
        answers["license"] = license_of(answers["license"]) or answers["license"]
    return answers


def nothing(step: str) -> dict[str, Any]:
    """The answers of a question that nobody can answer."""
    return {row.name: [] if row.kind in LISTS else "" for row in fields_of_step(step)}


def tags_of(value: Any) -> list[str]:
    """The languages of a value as files state them, in which half of the screens or more are; those that a form can
    offer."""
    return [tag for tag in usable_languages(value) if rules.language(tag) is None][:20]


def needs_offered(preview_values: Mapping[str, Any], chosen: Iterable[str]) -> tuple[list[str], list[str]]:
    """The categories with everyday names and those that fit this project, and the wide ones behind them."""
    everyday = dict.fromkeys((*FINANCE_NEEDS, *ORGANIZATION_NEEDS))
    terms, wide = vocabulary("domain").terms, list(vocabulary("domain").top)
    hinted = _previewed_value(preview_values, "domains.hint")
    extra = [*(hinted if isinstance(hinted, list) else ()), *chosen]
    for term in extra:
        if term in terms and term not in wide:
            everyday.setdefault(term, None)
    return list(everyday), wide


def _is_tag(text: str) -> bool:
    return rules.language(text) is None


def _tag(name: str, speaking: str) -> str | None:
    """The tag of a language that somebody names in the page's language, in English, in itself or by its tag."""
    folded = name.strip().casefold()[:60]
    if rules.language(folded) is None:
        return folded
    return _names(speaking).get(folded) or _names("en").get(folded)


@cache
def _names(speaking: str) -> Mapping[str, str]:
    locale = Locale.parse(speaking, sep="-")
    return {name.casefold(): tag for tag, name in locale.languages.items() if rules.language(tag) is None}


def _form(values: Mapping[str, Any]) -> Form:
    listed = {name: [value] if isinstance(value, str) else list(value or ()) for name, value in values.items()}
    return Form({name: texts for name, texts in listed.items() if texts})


def _previewed_value(preview_values: Mapping[str, Any], field: str) -> Any:
    return ((preview_result(preview_values).get("values") or {}).get(field) or {}).get("value")


def _previewed_text(field: str, preview_values: Mapping[str, Any]) -> str:
    if field == "license":
        manifest = _previewed_value(preview_values, "license.manifest")
        license_ = manifest.get("license") if isinstance(manifest, Mapping) else None
        return str(_previewed_value(preview_values, "license.detected") or license_ or "")
    license_ = _previewed_value(preview_values, field)
    return license_ if isinstance(license_, str) else ""
