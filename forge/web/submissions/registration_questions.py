"""The questions of a registration: their order, how what was said fills a form again, and what a form says. Pure.

A question may be answered with "I do not know": its name then stands in `unknown`, and nothing of it is said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from babel import Locale

from catalog import text_rules as rules
from catalog.rules.submission import repository_look
from catalog.sentences import mark
from catalog.submissions.base.fields import FormField
from catalog.submissions.kinds import registration_form
from catalog.submissions.kinds.registration_fields import BY_NAME, STANDARDS, STATES, USES, fields_of_step
from catalog.submissions.kinds.registration_form import UNWRITTEN, name_of, summary_of, wrong_summary
from catalog.vocabulary import vocabulary
from forge.i18n.languages import PageLanguage
from forge.web.core.form import Form
from forge.web.search.category_questions import FINANCE_NEEDS, ORGANIZATION_NEEDS

RIGHT, EMAIL = "right", "email"  # the page of what was found with all questions; its last field
ASKED = ("summary", "needs", "use", "screens", "maker")  # on that page, as far as nothing answers them
CHANGES = ("name", "license", "homepage")  # asked only where somebody presses Change
QUESTIONS = (*CHANGES, *ASKED)
UNKNOWABLE = tuple(question for question in QUESTIONS if question != "name")
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


def asked(answers: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[str, ...]:
    """The questions that no file answers."""
    stated = ((repository_look(found).get("values") or {}).get("summary") or {}).get("value")
    told = isinstance(stated, Mapping) and any(
        isinstance(text, str) and not wrong_summary(text, tag) for tag, text in stated.items()
    )
    return tuple(question for question in ASKED if question != "summary" or not told or answers.get("summary"))


def form_fields(step: str, found: Mapping[str, Any], form: Form, tongue: PageLanguage) -> list[FormField]:
    """The fields of a question, with the choices that fit this project."""
    fields = []
    for field in fields_of_step(step):
        if field.name == "needs":
            everyday, wide = needs_offered(found, form.chosen("needs"))
            wide = [term for term in wide if term not in dict(everyday)]
            label = vocabulary("domain").label
            options = [(term, told or label(term, tongue.tag), "") for term, told in everyday]
            field = replace(field, options=[*options, *((term, label(term, tongue.tag), "") for term in wide)],
                            rare=tuple(wide))  # fmt: skip
        elif field.name == "screens":
            tags = dict.fromkeys((tongue.tag, *FOUND_LANGUAGES, *filter(_is_tag, form.chosen("screens"))))
            field = replace(field, options=[(tag, tongue.language(tag), "") for tag in tags])
        elif field.name == "language":
            field = replace(field, missing=registration_form.NO_LANGUAGE)
        fields.append(field)
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


def filled(step: str, answers: Mapping[str, Any], found: Mapping[str, Any], tongue: PageLanguage) -> Form:
    """The form of a question with what was said before, else with what the files say."""
    if step == "name":
        return _form({"name": name_of(answers, found)})
    if step == "summary":
        said = summary_of(answers, found)
        language = tongue.tag if not said or tongue.tag in said else next(iter(said))
        known = language if language != UNWRITTEN else tongue.tag
        return _form({"summary": said.get(language, ""), "language": known})
    if step == "needs":
        hinted = _seen(found, "domains.hint") if "needs" not in answers else None
        kept = answers.get("needs") or [term for term in hinted or () if term in vocabulary("domain").terms][:3]
        return _form({"needs": kept, "need_words": answers.get("need_words")})
    if step == "use":
        names = ("use", "online", "host_words", "hardness")
        return _form({name: answers.get(name) for name in names})
    if step == "screens":
        spoken = answers.get("screens") if "screens" in answers else tags_of(_seen(found, "languages"))
        names = ("other_screens", "accessibility", "standard", "report")
        return _form({"screens": spoken} | {name: answers.get(name) for name in names})
    if step in CHANGES:
        return _form({step: answers.get(step) or _stated(step, found)})
    return _form({step: answers.get(step)})


def read_answers(step: str, form: Form, tongue: PageLanguage) -> dict[str, Any]:
    """What the form of a question says, as answers; what is wrong with it is noted in the form."""
    say = {
        "name": _name,
        "license": _license,
        "homepage": _homepage,
        "summary": _summary,
        "needs": _needs,
        "use": _use,
        "screens": lambda typed: _screens(typed, tongue),
        "maker": _maker,
    }[step]
    return say(form)


def nothing(step: str) -> dict[str, Any]:
    """The answers of a question that nobody can answer."""
    empty: Mapping[str, dict[str, Any]] = {
        "license": {"license": ""},
        "homepage": {"homepage": ""},
        "summary": {"summary": "", "language": ""},
        "needs": {"needs": [], "need_words": ""},
        "use": {"use": [], "online": "", "hardness": "", "host_words": ""},
        "screens": {"screens": [], "other_screens": "", "accessibility": "", "standard": "", "report": ""},
        "maker": {"maker": ""},
    }
    return empty[step]


def tags_of(value: Any) -> list[str]:
    """The languages of a value as files state them, those that a form can offer."""
    listed = value if isinstance(value, list) else ()
    tags = (language.get("term") if isinstance(language, Mapping) else language for language in listed)
    return [tag for tag in tags if isinstance(tag, str) and rules.language(tag) is None][:20]


def needs_offered(found: Mapping[str, Any], chosen: Iterable[str]) -> tuple[list[tuple[str, str | None]], list[str]]:
    """The needs in everyday words (term and msgid, None for its label), and the wide fields behind them."""
    everyday: dict[str, str | None] = {**dict(FINANCE_NEEDS), **dict(ORGANIZATION_NEEDS)}
    known, wide = vocabulary("domain").terms, list(vocabulary("domain").top)
    hinted = _seen(found, "domains.hint")
    extra = [*(hinted if isinstance(hinted, list) else ()), *chosen]
    for term in extra:
        if term in known and term not in wide:
            everyday.setdefault(term, None)
    return list(everyday.items()), wide


def _name(form: Form) -> dict[str, Any]:
    answers = {"name": form.line("name")}
    _note(form, answers or {}, "name")
    if not answers["name"]:
        form.wrong("name", registration_form.NO_NAME)
    return answers


def _license(form: Form) -> dict[str, Any]:
    typed = form.line("license")
    if not typed or registration_form.license_of(typed) is None:
        form.wrong("license", registration_form.NO_LICENSE)
    return {"license": registration_form.license_of(typed) or typed}


def _homepage(form: Form) -> dict[str, Any]:
    answers = {"homepage": _web(form.line("homepage"))}
    _note(form, answers, "homepage")
    if not answers["homepage"]:
        form.wrong("homepage", registration_form.NO_WEB_ADDRESS)
    return answers


def _summary(form: Form) -> dict[str, Any]:
    text, language = form.line("summary"), form.line("language")
    if not text:
        form.wrong("summary", registration_form.NO_SUMMARY)
    for name, sentence in (wrong_summary(text, language) if text else {}).items():
        form.wrong(name, sentence)
    return {"summary": text, "language": language}


def _needs(form: Form) -> dict[str, Any]:
    answers = {"needs": list(form.chosen("needs")), "need_words": form.line("need_words")}
    _note(form, answers, "needs", "need_words")
    if not answers["needs"] and not answers["need_words"]:
        form.wrong("needs", registration_form.NO_NEED)
    return answers


def _use(form: Form) -> dict[str, Any]:
    answers = {"use": [use for use in form.chosen("use") if use in USES], "online": _web(form.line("online"))}
    answers |= {"hardness": form.line("hardness"), "host_words": form.line("host_words")}
    if not answers["use"]:
        form.wrong("use", registration_form.NO_USE)
    if "online" in answers["use"] and not answers["online"]:
        form.wrong("online", registration_form.NO_ONLINE)
    if "install" in answers["use"] and not answers["hardness"]:
        form.wrong("hardness", registration_form.NO_HARDNESS)
    _note(form, answers, "online", "hardness", "host_words")
    return answers


def _screens(form: Form, tongue: PageLanguage) -> dict[str, Any]:
    typed = form.line("other_screens")
    others = [_tag(name, tongue.tag) for name in typed.replace("،", ",").replace(";", ",").split(",") if name.strip()]
    tags = list(dict.fromkeys([*form.chosen("screens"), *(tag for tag in others if tag)]))
    answers = {"screens": tags, "other_screens": "", "accessibility": form.line("accessibility")}
    answers |= {"standard": form.line("standard"), "report": _web(form.line("report"))}
    if None in others:
        form.wrong("other_screens", NO_LANGUAGE_NAME)
    elif not tags:
        form.wrong("screens", registration_form.NO_SCREENS)
    if answers["accessibility"] and answers["accessibility"] not in STATES:
        form.wrong("accessibility", registration_form.NO_STATE)
    elif answers["accessibility"] and answers["standard"] not in STANDARDS:
        form.wrong("standard", registration_form.NO_STANDARD)
    _note(form, answers, "screens", "report")
    return answers


def _maker(form: Form) -> dict[str, Any]:
    if form.line("maker") not in BY_NAME["maker"].terms:
        form.wrong("maker", registration_form.NO_MAKER)
    return {"maker": form.line("maker")}


NO_LANGUAGE_NAME = mark("Write languages by their names, with a comma between two")


def _note(form: Form, answers: Mapping[str, Any], *names: str) -> None:
    """Note what the rules of registrations say of these fields."""
    wrong = registration_form.wrong_answers({"address": "-", "name": "-a", **answers}, {})
    for name in names:
        if name in wrong:
            form.wrong(name, wrong[name])


def _web(text: str) -> str:
    """An address as people type it: https:// may be missing."""
    return f"https://{text}" if text and "://" not in text and "." in text.partition("/")[0] else text


def _is_tag(text: str) -> bool:
    return rules.language(text) is None


def _tag(name: str, speaking: str) -> str | None:
    """The tag of a language that somebody names in the page's language, in English, in itself or by its tag."""
    wanted = name.strip().casefold()[:60]
    if rules.language(wanted) is None:
        return wanted
    return _names(speaking).get(wanted) or _names("en").get(wanted)


@cache
def _names(speaking: str) -> Mapping[str, str]:
    locale = Locale.parse(speaking, sep="-")
    return {name.casefold(): tag for tag, name in locale.languages.items() if rules.language(tag) is None}


def _form(values: Mapping[str, Any]) -> Form:
    listed = {name: [value] if isinstance(value, str) else list(value or ()) for name, value in values.items()}
    return Form({name: texts for name, texts in listed.items() if texts})


def _seen(found: Mapping[str, Any], field: str) -> Any:
    return ((repository_look(found).get("values") or {}).get(field) or {}).get("value")


def _stated(field: str, found: Mapping[str, Any]) -> str:
    if field == "license":
        manifest = _seen(found, "license.manifest")
        stated = manifest.get("license") if isinstance(manifest, Mapping) else None
        return str(_seen(found, "license.detected") or stated or "")
    stated = _seen(found, field)
    return stated if isinstance(stated, str) else ""
