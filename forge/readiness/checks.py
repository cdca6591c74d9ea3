"""Checks what a repository has and lacks for others to reuse it: one answer for each line of the nine steps.

Pure: it runs the observers over a tree, and takes what was found in the history where that was searched. What no file
can show, such as who holds the rights, is a question to a person and never guessed.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.licenses import expressions
from catalog.sentences import mark
from forge.observe import code_languages as languages_of_code
from forge.observe import installs, manifests, publiccode, translations
from forge.observe import license as license_files
from forge.observe.core.activity import Tag, releases
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.readme import Readme, sort_readmes
from forge.observe.core.tree import Tree
from forge.observe.license import LicenseReading
from forge.observe.metadata import changelog, citation, codemeta, named_users, policies
from forge.observe.observation import Limited, run_limited

THERE, MISSING, CHECK = "there", "missing", "check"
MAX_SHOWN = 5  # of a list in a sentence

_INSTALLING_WORDS = (
    r"(?:[\w'’-]+ ){0,3}(?:install\w*|set ?up|getting started|quick ?start|d[ée]ploy\w*|d[ée]marrage|mise en route"
    r"|instala\w+|despliegue|التثبيت|تثبيت)\b"
)
# A heading of Markdown or AsciiDoc, one that is underlined, or a link that leads there.
_INSTALLING = re.compile(
    rf"^(?:#{{1,4}}|=+)[ \t]*{_INSTALLING_WORDS}|^{_INSTALLING_WORDS}[^\n]{{0,60}}\n(?:={{3,}}|-{{3,}}|~{{3,}})[ \t]*$"
    rf"|\[{_INSTALLING_WORDS}[^\]\n]{{0,60}}\]\(",
    re.IGNORECASE | re.MULTILINE,
)
_INSTALL_FILE = re.compile(
    r"(?:docs?/)?(?:install|installation|instalacion|deploy|deployment)(?:[._-][a-z]{2})?(?:\.\w{2,8})?", re.I
)
_README_BYTES = 256 * 1024


@dataclass(frozen=True)
class CheckAnswer:
    """`state` is THERE, MISSING or CHECK; `said` a sentence (a msgid) whose gaps `gaps` fills, with strangers' text."""

    line: str
    state: str
    said: str
    gaps: tuple[tuple[str, str], ...] = ()
    path: str | None = None


@dataclass(frozen=True)
class ReadRepository:
    """What the observers read from a tree. `unread` are names of observers that failed or took too long."""

    tree: Tree
    seen: tuple[ObservedFact, ...]
    license: LicenseReading | None
    readmes: tuple[Readme, ...]
    releases: tuple[dict[str, Any], ...]
    address: str | None
    public: bool = False  # it was fetched from the address, by nobody in particular
    unread: tuple[str, ...] = ()

    def all(self, field: str) -> list[ObservedFact]:
        return [fact for fact in self.seen if fact.field == field]

    def first(self, field: str) -> Any:
        return next((fact.value for fact in self.all(field)), None)


def read_repository(
    tree: Tree,
    address: str | None,
    tags: Iterable[Tag],
    limited: Limited,
    now: datetime,
    public: bool = False,
) -> ReadRepository:
    """Run every observer that a line needs, each in a block of `limited`."""
    facts: list[ObservedFact] = []
    unread: list[str] = []
    reading, fault = run_limited("license", lambda: license_files.read_licenses(tree), limited)
    if fault:
        unread.append(fault.observer)
    observers: dict[str, Callable[[], list[ObservedFact]]] = {
        "publiccode": lambda: publiccode.observe_publiccode(tree, (address,) if address else ()),
        "codemeta": lambda: codemeta.observe_codemeta(tree),
        "manifests": lambda: manifests.observe_manifests(tree),
        "citation": lambda: citation.observe_citation(tree),
        "policies": lambda: policies.observe_policies(tree),
        "installs": lambda: installs.observe_installs(tree),
        "translations": lambda: translations.observe_translations(tree),
        "code": lambda: languages_of_code.observe_code(tree),
        "users": lambda: named_users.observe_named_users(tree),
        "changelog": lambda: changelog.observe_changelog(tree),
    }
    by_name: dict[str, list[ObservedFact]] = {}
    for name, observer in observers.items():
        seen, fault = run_limited(name, observer, limited)
        by_name[name] = seen or []
        facts += by_name[name]
        if fault:
            unread.append(fault.observer)
    tagged_releases = [
        {"version": tag.name, "date": tag.tagged_at and tag.tagged_at.date().isoformat()} for tag in releases(tags, now)
    ]
    listed_releases = [release for changelog_fact in by_name["changelog"] for release in changelog_fact.value]
    return ReadRepository(
        tree,
        tuple(facts),
        reading,
        tuple(sort_readmes(tree)),
        tuple(tagged_releases or listed_releases),
        address,
        public,
        tuple(unread),
    )


def answers(
    read: ReadRepository, secrets: Sequence[object] | None = None, personal: Sequence[object] | None = None
) -> list[CheckAnswer]:
    """Return an answer for each line, in the order of the steps; None: the history was not searched."""
    return [
        CheckAnswer("rights", CHECK, mark("No file can tell. A person must ask and keep the answers.")),
        _history("secrets", secrets),
        _history("personal", personal),
        _license(read),
        _declared_license(read),
        _readme(read),
        _second_language(read),
        _publiccode(read),
        _install(read),
        _repository(read),
        _release(read),
        _policy_file(read, "accessibility", "accessibility"),
        _screen_languages(read),
        _policy_file(read, "contributing", "contributing"),
        _security(read),
        _policy_file(read, "conduct", "code_of_conduct"),
        CheckAnswer("answers", CHECK, mark("Is it written in the README, and do those named there agree?")),
        _adopter(read),
    ]


def missing_answers(given_answers: Iterable[CheckAnswer], optional: Iterable[str]) -> list[CheckAnswer]:
    """Return the answers that say that something is missing, without what is only good to have."""
    optional_lines = set(optional)
    return [answer for answer in given_answers if answer.state == MISSING and answer.line not in optional_lines]


def _history(line: str, places: Sequence[object] | None) -> CheckAnswer:
    if places is None:
        return CheckAnswer(line, CHECK, mark("The history was not searched."))
    if places:
        return CheckAnswer(
            line, MISSING, mark("Places found: %(count)s. They are listed below."), (("count", str(len(places))),)
        )
    return CheckAnswer(line, THERE, mark("Nothing was found. That is a help and no proof."))


def _license(read: ReadRepository) -> CheckAnswer:
    if read.license is None:
        return CheckAnswer("license", CHECK, mark("The licence files could not be read."))
    if (known := read.license.license) is not None:
        gaps, path = (("license", known),), read.license.sources[0]
        if read.license.free:
            return CheckAnswer("license", THERE, "%(license)s", gaps, path)
        if expressions.is_free(known) is False:
            return CheckAnswer("license", MISSING, mark("%(license)s is not a free licence."), gaps, path)
        return CheckAnswer("license", CHECK, mark("%(license)s at the top, but other files raise a doubt."), gaps, path)
    if read.license.files:
        first = read.license.files[0]
        named = sorted({file.license for file in read.license.files if file.license})
        if not named:
            return CheckAnswer(
                "license", CHECK, mark("There is a file, but its text is no licence that is known."), (), first.path
            )
        gaps = (("licenses", ", ".join(named[:MAX_SHOWN])),)
        sentence = mark("Several licences stand there: %(licenses)s. Say which one is for what.")
        return CheckAnswer("license", CHECK, sentence, gaps, first.path)
    return CheckAnswer("license", MISSING, mark("There is no file with a licence."))


def _declared_license(read: ReadRepository) -> CheckAnswer:
    stated = read.all("license.manifest")
    if not stated:
        return CheckAnswer("declared", CHECK, mark("No other file names a licence, so nothing can differ."))
    for stated_license in stated:
        detected = _license_of(read, stated_license.path or "")
        gaps = (("stated", str(stated_license.value["stated"])), ("license", detected or ""))
        if stated_license.value["license"] is None:
            return CheckAnswer("declared", MISSING, mark("“%(stated)s” is no SPDX name."), gaps, stated_license.path)
        if detected and expressions.licenses_agree(stated_license.value["license"], detected) is False:
            return CheckAnswer(
                "declared",
                MISSING,
                mark("“%(stated)s” is written here, but the licence file is %(license)s."),
                gaps,
                stated_license.path,
            )
    if not (read.license and read.license.license):
        return CheckAnswer(
            "declared",
            CHECK,
            mark("“%(stated)s” is written here, with no licence file to compare."),
            gaps,
            stated_license.path,
        )
    return CheckAnswer("declared", THERE, mark("All files that name a licence agree."))


def _license_of(read: ReadRepository, path: str) -> str | None:
    """Return what the license files show for a path: what its folder shows, where that has a license of its own."""
    if read.license is None:
        return None
    above = [folder for folder in read.license.folders if folder.folder and path.startswith(f"{folder.folder}/")]
    return max(above, key=lambda folder: len(folder.folder)).license if above else read.license.license


def _readme(read: ReadRepository) -> CheckAnswer:
    if not read.readmes:
        return CheckAnswer("readme", MISSING, mark("There is no README at the top."))
    return CheckAnswer("readme", THERE, "", (), read.readmes[0].path)


def _second_language(read: ReadRepository) -> CheckAnswer:
    translated = [readme for readme in read.readmes if readme.language]
    if translated and len(read.readmes) > 1:
        gaps = (("languages", ", ".join(dict.fromkeys(str(readme.language) for readme in translated))),)
        return CheckAnswer(
            "second-language", THERE, mark("With a language in its name: %(languages)s."), gaps, translated[0].path
        )
    return CheckAnswer("second-language", MISSING, mark("Only one README was found."))


def _publiccode(read: ReadRepository) -> CheckAnswer:
    for fact in read.all("publiccode.other_repository"):
        sentence = mark("It describes another repository. Write the address of this one, if it is no copy.")
        return CheckAnswer("publiccode", CHECK, sentence, (), fact.path)
    check = next((fact for fact in read.all("problems") if str(fact.value["standard"]).startswith("publiccode")), None)
    if check is None:
        unreadable = next(
            (fact for fact in read.all("unreadable") if (fact.path or "").startswith("publiccode.")), None
        )
        if unreadable is not None:
            return CheckAnswer("publiccode", MISSING, mark("The file cannot be read."), (), unreadable.path)
        return CheckAnswer("publiccode", MISSING, mark("There is no such file at the top."))
    if check.value["valid"]:
        return CheckAnswer(
            "publiccode", THERE, "%(standard)s", (("standard", str(check.value["standard"])),), check.path
        )
    wrong = [problem for problem in check.value["problems"] if not problem["warning"]]
    gaps = (("line", str(wrong[0]["line"])), ("key", str(wrong[0]["key"])), ("count", str(len(wrong))))
    return CheckAnswer(
        "publiccode", MISSING, mark("To mend: %(count)s. The first: line %(line)s, %(key)s."), gaps, check.path
    )


def _install(read: ReadRepository) -> CheckAnswer:
    file = next((path for path in read.tree if _INSTALL_FILE.fullmatch(path)), None)
    if file:
        return CheckAnswer("install", THERE, "", (), file)
    for readme in read.readmes:
        text = (read.tree.read(readme.path, _README_BYTES) or b"").decode("utf-8", "replace")
        if _INSTALLING.search(text):
            return CheckAnswer("install", THERE, mark("A part of the README tells it."), (), readme.path)
    for ways in read.all("installs"):
        gaps = (("ways", ", ".join(ways.value[:MAX_SHOWN])),)
        return CheckAnswer(
            "install", CHECK, mark("Files for %(ways)s are there, but no words for people."), gaps, ways.path
        )
    return CheckAnswer("install", MISSING, mark("Neither a file INSTALL nor a part of the README tells it."))


def _repository(read: ReadRepository) -> CheckAnswer:
    if read.public and read.address:
        return CheckAnswer("repository", THERE, "%(address)s", (("address", read.address),))
    if read.address:
        return CheckAnswer("repository", CHECK, mark("Can everybody read %(address)s?"), (("address", read.address),))
    return CheckAnswer("repository", MISSING, mark("This copy names no public address that it comes from."))


def _release(read: ReadRepository) -> CheckAnswer:
    if not read.releases:
        return CheckAnswer(
            "release", MISSING, mark("There is neither a tag of a version nor a dated line in a CHANGELOG.")
        )
    last = read.releases[0]
    gaps = (("version", str(last["version"])), ("date", str(last["date"] or "")))
    return CheckAnswer("release", THERE, "%(version)s, %(date)s" if last["date"] else "%(version)s", gaps)


def _policy_file(read: ReadRepository, line: str, kind: str) -> CheckAnswer:
    path = next((fact.path for fact in read.all("policies") if kind in fact.value), None)
    if path is None:
        return CheckAnswer(line, MISSING, mark("No such file was found."))
    return CheckAnswer(line, THERE, "", (), path)


def _screen_languages(read: ReadRepository) -> CheckAnswer:
    languages = [language["term"] for language in read.first("languages") or []]
    if not languages:
        return CheckAnswer("screens", CHECK, mark("No files for translators were found. Does it have screens?"))
    gaps = (("languages", ", ".join(languages[: 2 * MAX_SHOWN])),)
    if len(languages) < 2:
        return CheckAnswer("screens", MISSING, mark("Only one language: %(languages)s."), gaps)
    return CheckAnswer("screens", THERE, "%(languages)s", gaps)


def _security(read: ReadRepository) -> CheckAnswer:
    answer = _policy_file(read, "security", "security")
    for contact in read.all("security_contact") if answer.state == MISSING else ():
        return CheckAnswer("security", THERE, "", (), contact.path)
    return answer


def _adopter(read: ReadRepository) -> CheckAnswer:
    names = [name for fact in read.all("used_by") for name in fact.value]
    if names:
        return CheckAnswer("adopter", CHECK, mark("A list of users is there. Did each of them agree to stand in it?"))
    return CheckAnswer("adopter", CHECK, mark("No file names a user. Who uses it beside you?"))
