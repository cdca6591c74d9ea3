"""Tells from what is read of any repository which of the things that others need it has."""

import re
from dataclasses import dataclass

from catalog.licenses.expressions import licenses_agree
from forge.observe.observation import Observation

_INSTALL_FILE = re.compile(
    r"(?:docs?/)?(?:install|installation|instalacion|deploy|deployment)(?:[._-][a-z]{2})?(?:\.\w{2,8})?", re.I
)
_PUBLICCODE = ("publiccode.yml", "publiccode.yaml")


@dataclass(frozen=True)
class Answer:
    """Whether the thing is there, and what was read: a path, a licence, languages; strangers' text."""

    there: bool
    detail: str = ""


def check_observation(seen: Observation) -> dict[str, Answer]:
    """Return an answer for each of `IN_FILES`, in their order."""
    return {
        "license": _license(seen),
        "declared": _declared_licenses(seen),
        "readme": Answer(bool(seen.readmes), ", ".join(readme.path for readme in seen.readmes[:1])),
        "second-language": _second_language(seen),
        "publiccode": _publiccode(seen),
        "install": _install(seen),
        "release": _release(seen),
        "accessibility": _policy(seen, "accessibility"),
        "screens": _screens(seen),
        "contributing": _policy(seen, "contributing"),
        "security": _policy(seen, "security"),
        "conduct": _policy(seen, "code_of_conduct"),
    }


def _license(seen: Observation) -> Answer:
    expression = next((str(fact.value) for fact in seen.facts_of("license")), "")
    return Answer(seen.free is True, ", ".join(seen.license_doubts[:3]) or expression)


def _declared_licenses(seen: Observation) -> Answer:
    known = next((str(fact.value) for fact in seen.facts_of("license")), None)
    for fact in seen.facts_of("license.manifest"):
        stated = fact.value["license"]
        if stated is None or ("/" not in str(fact.path) and known and licenses_agree(stated, known) is False):
            return Answer(False, f"{fact.path}: {fact.value['stated']}")
    return Answer(True)


def _second_language(seen: Observation) -> Answer:
    translated = [readme.path for readme in seen.readmes if readme.language]
    return Answer(bool(translated) and len(seen.readmes) > 1, ", ".join(translated))


def _publiccode(seen: Observation) -> Answer:
    path = next((str(fact.path) for fact in seen.facts_of("name") if fact.path in _PUBLICCODE), "")
    return Answer(bool(path), path)


def _install(seen: Observation) -> Answer:
    path = next((path for path in seen.snapshot.tree if _INSTALL_FILE.fullmatch(path)), None)
    ways = [str(fact.path or ", ".join(fact.value)) for fact in seen.facts_of("installs")]
    return Answer(bool(path or ways), path or ", ".join(ways))


def _release(seen: Observation) -> Answer:
    listed = [release for fact in seen.facts_of("releases") for release in fact.value]
    version = seen.release.name if seen.release else next((str(release["version"]) for release in listed), "")
    return Answer(bool(version), version)


def _screens(seen: Observation) -> Answer:
    languages = {str(language["term"]) for fact in seen.facts_of("languages") for language in fact.value}
    return Answer(len(languages) > 1, ", ".join(sorted(languages)[:10]))


def _policy(seen: Observation, kind: str) -> Answer:
    path = next((str(fact.path) for fact in seen.facts_of("policies") if kind in fact.value), "")
    return Answer(bool(path), path)
