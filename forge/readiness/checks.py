"""What a repository has and lacks for others to reuse it: one answer for each line of the nine steps.

Pure: it asks the observers over a tree, and takes what was found in the history where that was searched. What no file
can show, such as who holds the rights, is a question to a person and never guessed.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.licenses import expressions
from forge.i18n.languages import mark
from forge.observe import code as languages_of_code
from forge.observe import installs, manifests, publiccode, translations
from forge.observe import license as license_files
from forge.observe.core.activity import Tag, releases
from forge.observe.core.readme import Readme, readmes
from forge.observe.core.seen import Seen
from forge.observe.core.tree import Tree
from forge.observe.license import LicenseReading
from forge.observe.metadata import changelog, citation, codemeta, named_users, policies
from forge.observe.observation import Limited, attempt

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
class Answer:
    """`state` is THERE, MISSING or CHECK; `said` a sentence (a msgid) whose gaps `gaps` fills, with strangers' text."""

    line: str
    state: str
    said: str
    gaps: tuple[tuple[str, str], ...] = ()
    path: str | None = None


@dataclass(frozen=True)
class Read:
    """What the observers told of a tree. `unread` are names of observers that failed or took too long."""

    tree: Tree
    seen: tuple[Seen, ...]
    license: LicenseReading | None
    readmes: tuple[Readme, ...]
    releases: tuple[dict[str, Any], ...]
    address: str | None
    public: bool = False  # it was fetched from the address, by nobody in particular
    unread: tuple[str, ...] = ()

    def all(self, field: str) -> list[Seen]:
        return [one for one in self.seen if one.field == field]

    def first(self, field: str) -> Any:
        return next((one.value for one in self.all(field)), None)


def read(
    tree: Tree,
    address: str | None,
    tags: Iterable[Tag],
    limited: Limited,
    now: datetime,
    public: bool = False,
) -> Read:
    """Ask every observer that a line needs, each in a block of `limited`."""
    found: list[Seen] = []
    unread: list[str] = []
    reading, fault = attempt("license", lambda: license_files.reading(tree), limited)
    if fault:
        unread.append(fault.observer)
    observers: dict[str, Callable[[], list[Seen]]] = {
        "publiccode": lambda: publiccode.seen(tree, (address,) if address else ()),
        "codemeta": lambda: codemeta.seen(tree),
        "manifests": lambda: manifests.seen(tree),
        "citation": lambda: citation.seen(tree),
        "policies": lambda: policies.seen(tree),
        "installs": lambda: installs.seen(tree),
        "translations": lambda: translations.seen(tree),
        "code": lambda: languages_of_code.seen(tree),
        "users": lambda: named_users.seen(tree),
        "changelog": lambda: changelog.seen(tree),
    }
    by_name: dict[str, list[Seen]] = {}
    for name, observer in observers.items():
        seen, fault = attempt(name, observer, limited)
        by_name[name] = seen or []
        found += by_name[name]
        if fault:
            unread.append(fault.observer)
    tagged = [
        {"version": one.name, "date": one.tagged_at and one.tagged_at.date().isoformat()} for one in releases(tags, now)
    ]
    listed = [each for one in by_name["changelog"] for each in one.value]
    return Read(
        tree, tuple(found), reading, tuple(readmes(tree)), tuple(tagged or listed), address, public, tuple(unread)
    )


def answers(
    read: Read, secrets: Sequence[object] | None = None, personal: Sequence[object] | None = None
) -> list[Answer]:
    """An answer for each line, in the order of the steps; None: the history was not searched."""
    return [
        Answer("rights", CHECK, mark("No file can tell. A person must ask and keep the answers.")),
        _history("secrets", secrets),
        _history("personal", personal),
        _license(read),
        _declared(read),
        _readme(read),
        _second_language(read),
        _publiccode(read),
        _install(read),
        _repository(read),
        _release(read),
        _policy(read, "accessibility", "accessibility"),
        _screens(read),
        _policy(read, "contributing", "contributing"),
        _security(read),
        _policy(read, "conduct", "code_of_conduct"),
        Answer("answers", CHECK, mark("Is it written in the README, and do those named there agree?")),
        _adopter(read),
    ]


def lacking(told: Iterable[Answer], optional: Iterable[str]) -> list[Answer]:
    """The answers that say that something is missing, without what is only good to have."""
    spared = set(optional)
    return [one for one in told if one.state == MISSING and one.line not in spared]


def _history(line: str, found: Sequence[object] | None) -> Answer:
    if found is None:
        return Answer(line, CHECK, mark("The history was not searched."))
    if found:
        return Answer(
            line, MISSING, mark("Places found: %(count)s. They are listed below."), (("count", str(len(found))),)
        )
    return Answer(line, THERE, mark("Nothing was found. That is a help and no proof."))


def _license(read: Read) -> Answer:
    if read.license is None:
        return Answer("license", CHECK, mark("The licence files could not be read."))
    if (known := read.license.license) is not None:
        gaps, path = (("license", known),), read.license.sources[0]
        if read.license.free:
            return Answer("license", THERE, "%(license)s", gaps, path)
        if expressions.is_free(known) is False:
            return Answer("license", MISSING, mark("%(license)s is not a free licence."), gaps, path)
        return Answer("license", CHECK, mark("%(license)s at the top, but other files raise a doubt."), gaps, path)
    if read.license.files:
        first = read.license.files[0]
        named = sorted({each.license for each in read.license.files if each.license})
        if not named:
            return Answer(
                "license", CHECK, mark("There is a file, but its text is no licence that is known."), (), first.path
            )
        gaps = (("licenses", ", ".join(named[:MAX_SHOWN])),)
        said = mark("Several licences stand there: %(licenses)s. Say which one is for what.")
        return Answer("license", CHECK, said, gaps, first.path)
    return Answer("license", MISSING, mark("There is no file with a licence."))


def _declared(read: Read) -> Answer:
    stated = read.all("license.manifest")
    if not stated:
        return Answer("declared", CHECK, mark("No other file names a licence, so nothing can differ."))
    for one in stated:
        detected = _license_of(read, one.path or "")
        gaps = (("stated", str(one.value["stated"])), ("license", detected or ""))
        if one.value["license"] is None:
            return Answer("declared", MISSING, mark("“%(stated)s” is no SPDX name."), gaps, one.path)
        if detected and expressions.agrees(one.value["license"], detected) is False:
            return Answer(
                "declared",
                MISSING,
                mark("“%(stated)s” is written here, but the licence file is %(license)s."),
                gaps,
                one.path,
            )
    if not (read.license and read.license.license):
        return Answer(
            "declared", CHECK, mark("“%(stated)s” is written here, with no licence file to compare."), gaps, one.path
        )
    return Answer("declared", THERE, mark("All files that name a licence agree."))


def _license_of(read: Read, path: str) -> str | None:
    """What the license files show for this one: what its folder shows, where that has a license of its own."""
    if read.license is None:
        return None
    above = [each for each in read.license.folders if each.folder and path.startswith(f"{each.folder}/")]
    return max(above, key=lambda each: len(each.folder)).license if above else read.license.license


def _readme(read: Read) -> Answer:
    if not read.readmes:
        return Answer("readme", MISSING, mark("There is no README at the top."))
    return Answer("readme", THERE, "", (), read.readmes[0].path)


def _second_language(read: Read) -> Answer:
    others = [one for one in read.readmes if one.language]
    if others and len(read.readmes) > 1:
        gaps = (("languages", ", ".join(dict.fromkeys(str(one.language) for one in others))),)
        return Answer(
            "second-language", THERE, mark("With a language in its name: %(languages)s."), gaps, others[0].path
        )
    return Answer("second-language", MISSING, mark("Only one README was found."))


def _publiccode(read: Read) -> Answer:
    for one in read.all("publiccode.other_repository"):
        said = mark("It describes another repository. Write the address of this one, if it is no copy.")
        return Answer("publiccode", CHECK, said, (), one.path)
    told = next((one for one in read.all("problems") if str(one.value["standard"]).startswith("publiccode")), None)
    if told is None:
        unreadable = next((one for one in read.all("unreadable") if (one.path or "").startswith("publiccode.")), None)
        if unreadable is not None:
            return Answer("publiccode", MISSING, mark("The file cannot be read."), (), unreadable.path)
        return Answer("publiccode", MISSING, mark("There is no such file at the top."))
    if told.value["valid"]:
        return Answer("publiccode", THERE, "%(standard)s", (("standard", str(told.value["standard"])),), told.path)
    wrong = [one for one in told.value["problems"] if not one["warning"]]
    gaps = (("line", str(wrong[0]["line"])), ("key", str(wrong[0]["key"])), ("count", str(len(wrong))))
    return Answer(
        "publiccode", MISSING, mark("To mend: %(count)s. The first: line %(line)s, %(key)s."), gaps, told.path
    )


def _install(read: Read) -> Answer:
    file = next((path for path in read.tree if _INSTALL_FILE.fullmatch(path)), None)
    if file:
        return Answer("install", THERE, "", (), file)
    for one in read.readmes:
        text = (read.tree.read(one.path, _README_BYTES) or b"").decode("utf-8", "replace")
        if _INSTALLING.search(text):
            return Answer("install", THERE, mark("A part of the README tells it."), (), one.path)
    for told in read.all("installs"):
        gaps = (("ways", ", ".join(told.value[:MAX_SHOWN])),)
        return Answer("install", CHECK, mark("Files for %(ways)s are there, but no words for people."), gaps, told.path)
    return Answer("install", MISSING, mark("Neither a file INSTALL nor a part of the README tells it."))


def _repository(read: Read) -> Answer:
    if read.public and read.address:
        return Answer("repository", THERE, "%(address)s", (("address", read.address),))
    if read.address:
        return Answer("repository", CHECK, mark("Can everybody read %(address)s?"), (("address", read.address),))
    return Answer("repository", MISSING, mark("This copy names no public address that it comes from."))


def _release(read: Read) -> Answer:
    if not read.releases:
        return Answer("release", MISSING, mark("There is neither a tag of a version nor a dated line in a CHANGELOG."))
    last = read.releases[0]
    gaps = (("version", str(last["version"])), ("date", str(last["date"] or "")))
    return Answer("release", THERE, "%(version)s, %(date)s" if last["date"] else "%(version)s", gaps)


def _policy(read: Read, line: str, kind: str) -> Answer:
    path = next((one.path for one in read.all("policies") if kind in one.value), None)
    if path is None:
        return Answer(line, MISSING, mark("No such file was found."))
    return Answer(line, THERE, "", (), path)


def _screens(read: Read) -> Answer:
    languages = [one["term"] for one in read.first("languages") or []]
    if not languages:
        return Answer("screens", CHECK, mark("No files for translators were found. Does it have screens?"))
    gaps = (("languages", ", ".join(languages[: 2 * MAX_SHOWN])),)
    if len(languages) < 2:
        return Answer("screens", MISSING, mark("Only one language: %(languages)s."), gaps)
    return Answer("screens", THERE, "%(languages)s", gaps)


def _security(read: Read) -> Answer:
    answer = _policy(read, "security", "security")
    for one in read.all("security_contact") if answer.state == MISSING else ():
        return Answer("security", THERE, "", (), one.path)
    return answer


def _adopter(read: Read) -> Answer:
    names = [name for one in read.all("used_by") for name in one.value]
    if names:
        return Answer("adopter", CHECK, mark("A list of users is there. Did each of them agree to stand in it?"))
    return Answer("adopter", CHECK, mark("No file names a user. Who uses it beside you?"))
