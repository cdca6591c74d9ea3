"""Checks what somebody types to propose a project beside what the preview found, and makes a record of it. Pure.

Single answers are checked by their rows (`registration_fields`). Here is checked what depends on several answers, or on
what the preview found: the name, which a file may state; the sentence and its language, which are compared, and whose
rules the sentences of files have to keep, too; and terms that moderators write in words.

Answers: `address`, `name`, `summary` with `language`, `license`, `homepage`, `needs` (terms) and `need_words`, `use`
(of USES) with `online`, `hardness` and `host_words`, `screens` (languages), `maker`; of the desk: `need_terms` and
`hosts`, lists in one line, which say as data what the sender said in words; `unknown` lists the questions answered with
"I do not know", `alone` is set where nobody waited for the preview, "apart" where the sender says that it is another
project than one with the same history.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from catalog import text_rules as rules
from catalog.licenses import expressions
from catalog.rules.fields import usable_languages
from catalog.rules.submission import preview_result
from catalog.submissions.base.fields import problems_of
from catalog.submissions.kinds.registration_fields import (
    FIELDS,
    LONG_SUMMARY,
    MANY_NEEDS,
    MAX_NAME,
    MAX_NEEDS,
    MAX_SUMMARY,
    license_of,
    wrong_text,
)
from catalog.vocabulary import vocabulary

UNWRITTEN = "und"  # BCP 47: nobody says in which language

TITLE_CHARACTERS, TITLE_WORDS = 40, 4  # of a README's title that is a name and no sentence
_FOR_PEOPLE = ("publiccode.yml", "publiccode.yaml", "codemeta.json", "citation.cff")

NO_ADDRESS = "Enter the address of the code repository"
HERE_ALREADY = "This project is here already"
BEING_READ = "Someone else has already proposed this software, and a moderator is reading it"
NO_LANGUAGE = "Choose the language in which it is written"
OTHER_SCRIPT = "It is not written in the letters of the language that you chose"
NO_TERM = "Write terms of the list of categories, separated by commas"
NO_HOST = "Write names of organizations in the catalogue, separated by commas"
SENTENCES = (NO_ADDRESS, HERE_ALREADY, BEING_READ, NO_LANGUAGE, OTHER_SCRIPT, NO_TERM, NO_HOST)
_ROWS = tuple(row for row in FIELDS if row.name not in ("summary", "language", "other_screens"))
# Letters by the first word of their Unicode name; what is not named here is written in Latin ones or not judged.
_WRITTEN_IN: Mapping[str, tuple[str, ...]] = {
    "ar fa ur ps ckb ug sd": ("ARABIC",),
    "ru uk bg be mk": ("CYRILLIC",),
    "en fr es pt it de nl ca eu gl oc br pl ro cs sk sv da nb fi": ("LATIN",),
    "el": ("GREEK",),
    "he": ("HEBREW",),
    "zh": ("CJK",),
    "ja": ("CJK", "HIRAGANA", "KATAKANA"),
    "ko": ("HANGUL",),
}
_SCRIPTS = {tag: scripts for tags, scripts in _WRITTEN_IN.items() for tag in tags.split()}


def wrong_answers(answers: Mapping[str, Any], preview: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with what was typed, a msgid by the name of its field; a question that was left out is not."""
    wrong = dict[str, str]()
    if not answers.get("address") and not preview_result(preview).get("url"):
        wrong["address"] = NO_ADDRESS
    wrong |= problems_of(_ROWS, {**answers, "name": name_of(answers, preview)})
    if answers.get("summary"):
        wrong |= wrong_summary(answers["summary"], answers.get("language") or "")
    meant = needs_of(answers)
    if meant is None:
        wrong["need_terms"] = NO_TERM
    elif answers.get("need_terms") and len(meant) > MAX_NEEDS:
        wrong["need_terms"] = MANY_NEEDS
    return wrong


def wrong_summary(text: str, language: str) -> dict[str, str]:
    """What is wrong with a sentence and the language that it is said to be in; empty when nothing is."""
    if len(text) > MAX_SUMMARY:
        return {"summary": LONG_SUMMARY}
    if sentence := wrong_text(text):
        return {"summary": sentence}
    if language != UNWRITTEN and rules.language(language):
        return {"language": NO_LANGUAGE}
    return {} if _in_script(text, language) else {"language": OTHER_SCRIPT}


def name_of(answers: Mapping[str, Any], preview_values: Mapping[str, Any]) -> str:
    """The name: as typed, else as its files say, else the last part of its address."""
    preview = preview_result(preview_values)
    value = seen_value(preview, "name")
    if titled(preview):
        value = preview["readme"]["title"]
    url = preview.get("url") or answers.get("address") or ""
    return str(answers.get("name") or value or url.rstrip("/").rpartition("/")[2].removesuffix(".git"))[: 2 * MAX_NAME]


def titled(preview: Mapping[str, Any]) -> bool:
    """Whether the README's title names the project: better than a package's name, which is written for programs, and
    not better than what is written for catalogues."""
    title = str((preview.get("readme") or {}).get("title") or "")
    name_value = (preview.get("values") or {}).get("name") or {}
    for_people = str(name_value.get("file") or "").lower() in _FOR_PEOPLE
    short = 0 < len(title) <= TITLE_CHARACTERS and len(title.split()) <= TITLE_WORDS
    return bool(title) and not for_people and (short or not name_value)


def summary_of(answers: Mapping[str, Any], preview_values: Mapping[str, Any]) -> dict[str, str]:
    """What it lets people do, by language: as typed, else as a file says in at most 120 characters; or nothing."""
    if answers.get("summary"):
        return {answers.get("language") or UNWRITTEN: answers["summary"]}
    preview = preview_result(preview_values)
    value = seen_value(preview, "summary")
    fitting = {
        tag: text
        for tag, text in (value if isinstance(value, Mapping) else {}).items()
        if isinstance(text, str) and not wrong_summary(text, tag)
    }
    if fitting:
        return fitting
    readme = preview.get("readme") or {}
    sentence = _first_sentence(str(readme.get("text") or ""))
    language = readme.get("language") or UNWRITTEN
    if not sentence or wrong_summary(sentence, language if rules.language(language) is None else UNWRITTEN):
        return {}
    return {language if rules.language(language) is None else UNWRITTEN: sentence}


def listed(text: Any) -> list[str]:
    """What stands between commas, each once."""
    parts = (" ".join(part.split()) for part in re.split(r"[,;،；\n]", text if isinstance(text, str) else ""))
    return list(dict.fromkeys(part for part in parts if part))


def needs_of(answers: Mapping[str, Any]) -> list[str] | None:
    """The terms of its needs: as the desk wrote them, by slug or by label of any language, else as they were chosen;
    None where one of them is none."""
    if not answers.get("need_terms"):
        return list(answers.get("needs") or ())
    terms = [vocabulary("domain").called(term) for term in listed(answers["need_terms"])]
    return None if None in terms else list(dict.fromkeys(term for term in terms if term))


def declared_values(
    answers: Mapping[str, Any], preview_values: Mapping[str, Any], hosts: Sequence[str] = ()
) -> dict[str, Any]:
    """What the registration says of the project, as its record's fields; of files only its name and sentence. `hosts`:
    slugs of the organizations that host it, as the desk wrote them."""
    preview, unknown = preview_result(preview_values), set(answers.get("unknown") or ())
    values: dict[str, Any] = {
        "name": name_of(answers, preview_values),
        "summary": summary_of(answers, preview_values),
        "repository": preview.get("url") or answers.get("address"),
        "homepage": answers.get("homepage"),
        "license": license_of(answers["license"]) if answers.get("license") else None,
        "domains": needs_of(answers) if "needs" not in unknown or answers.get("need_terms") else [],
    }
    if "use" not in unknown or hosts:
        uses = set(answers.get("use") or ())
        runs: dict[str, Any] = {"online": answers.get("online") if "online" in uses else None}
        runs["hosted"] = list(hosts)
        runs["self_hosted"] = answers.get("hardness") if "install" in uses else None
        values["runs"] = {key: value for key, value in runs.items() if value}
    if "screens" not in unknown:
        values["languages"] = [{"term": tag} for tag in answers.get("screens") or ()]
    if free_of(answers, preview) is False:
        values["context_only"] = True
    return {name: value for name, value in values.items() if value}


def left_to_say(values: Mapping[str, Any], preview: Mapping[str, Any]) -> dict[str, Any]:
    """The values without those that the repository's files say just so: a mirror keeps these up to date by itself."""
    spoken = seen_value(preview, "languages")
    filled = {
        "homepage": seen_value(preview, "homepage"),
        "license": seen_value(preview, "license.detected"),
        "languages": set(usable_languages(spoken)) if spoken else None,
    }
    languages = {
        name: {language["term"] for language in value} if name == "languages" else value
        for name, value in values.items()
    }
    return {name: value for name, value in values.items() if languages[name] != filled.get(name)}


def free_of(answers: Mapping[str, Any], preview: Mapping[str, Any]) -> bool | None:
    """Whether it is free software, by its files, else by the license that was typed, or that a manifest states."""
    if preview.get("free") is not None:
        return bool(preview["free"])
    manifest = seen_value(preview, "license.manifest") or {}
    expression = (
        seen_value(preview, "license.detected") or license_of(answers.get("license") or "") or manifest.get("license")
    )
    try:
        return expressions.is_free(str(expression)) if expression else None
    except ValueError:
        return None


def seen_value(preview: Mapping[str, Any], name: str) -> Any:
    """What a file, or the tree, says in this field; None where nothing does."""
    return ((preview.get("values") or {}).get(name) or {}).get("value")


def _first_sentence(text: str) -> str:
    match = re.match(r"[^.!?。؟…]{1,119}[.!?。؟]?(?=\s|$)", text)
    return match[0].strip().rstrip(".") if match else ""


def _in_script(text: str, language: str) -> bool:
    """Whether most letters are of the language's script; names in other letters are common, whole sentences are not."""
    scripts = _SCRIPTS.get(language.partition("-")[0])
    letters = [unicodedata.name(letter, "").split(" ")[0] for letter in text if letter.isalpha()]
    if scripts is None or not letters or "-" in language:
        return True
    return sum(letter in scripts for letter in letters) * 2 >= len(letters)
