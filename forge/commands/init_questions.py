"""The questions of `forge init`: asked in a terminal, or answered by options. What an answer must be is what the
document and the settings say.
"""

import sys
from collections.abc import Callable, Collection, Mapping

import click

from catalog import text_rules as rules
from catalog.rules.person import normalized_address
from forge.config.settings import UnusableSettings, from_environment
from forge.i18n.languages import is_supported


def _checked_by(*rules: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """Make the function that reads an answer: None where it is empty. Raises BadParameter for one that cannot stand."""

    def checked(text: str) -> str | None:
        text = text.strip()
        for rule in rules if text else ():
            if wrong := rule(text):
                raise click.BadParameter(str(wrong))
        return text or None

    return checked


def _languages(text: str) -> str | None:
    """What is wrong with a list of languages."""
    tags = tags_of(text)
    unknown = [tag for tag in tags if not is_supported(tag)]
    if unknown or not tags or len(set(tags)) < len(tags):
        return f"{', '.join(unknown) or text!r} is no list of languages; write them as fr,en, the first one first."
    return None


def tags_of(text: str) -> tuple[str, ...]:
    """Split a list of languages as it is written."""
    return tuple(tag.strip() for tag in text.split(",") if tag.strip())


def _public_address(text: str) -> str | None:
    try:
        from_environment({"FORGE_BASE_URL": text})
    except UnusableSettings as wrong:
        return wrong.sentences[0]
    return None


def _email(text: str) -> str | None:
    return None if normalized_address(text) else f"{text!r} is no e-mail address. Write one such as ana@example.org."


# Each question of `forge init`: its option, what is asked, what an answer must be.
_QUESTIONS: tuple[tuple[str, str, Callable[[str], str | None]], ...] = (
    ("name", "What is the catalogue called?", _checked_by(rules.prose)),
    (
        "languages",
        "In which languages are its pages? Write them as fr,en: the first one first.",
        _checked_by(_languages),
    ),
    ("operator", "Which organization runs it?", _checked_by(rules.prose)),
    ("homepage", "What is the address of that organization's site?", _checked_by(rules.url)),
    ("country", "In which country is it? Two letters, such as FR.", _checked_by(rules.country)),
    (
        "contact",
        "Where do people reach you? A page, or a shared e-mail address such as contact@example.org.",
        _checked_by(rules.contact),
    ),
    ("criteria", "Which software do you take in, in one sentence?", _checked_by(rules.prose)),
    ("validation", "Who reads what people send before it is shown?", _checked_by(rules.prose)),
    (
        "address",
        "At which address will people open the catalogue? Such as https://catalog.example.org.",
        _checked_by(_public_address),
    ),
    ("moderator", "What is the e-mail address of the first moderator?", _checked_by(_email)),
)


def answers_to(options: Mapping[str, str | None], settled: Collection[str] = ()) -> dict[str, str | None]:
    """Return what was said of each question, by an option or, in a terminal, when asked; none of `settled` is."""
    asks, answers = sys.stdin.isatty() and sys.stdout.isatty(), dict[str, str | None]()
    if asks and None in options.values():
        click.echo("A few questions. Enter alone leaves one open; all can be changed in the file later.\n")
    for name, question, check in _QUESTIONS:
        if options[name] is not None:
            try:
                answers[name] = check(options[name] or "")
            except click.BadParameter as wrong:
                raise click.BadParameter(wrong.message, param_hint=f"--{name}") from None
        elif asks and name not in settled and not (name in ("homepage", "country") and answers["operator"] is None):
            answers[name] = click.prompt(question, default="", show_default=False, prompt_suffix=" ", value_proc=check)
        else:
            answers[name] = None
    return answers
