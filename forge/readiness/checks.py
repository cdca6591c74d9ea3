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


def check_observation(observation: Observation) -> dict[str, Answer]:
    """Return an answer for each of `IN_FILES`, in their order."""
    return {
        "license": _license(observation),
        "declared": _declared_licenses(observation),
        "readme": Answer(bool(observation.readmes), ", ".join(readme.path for readme in observation.readmes[:1])),
        "second-language": _second_language(observation),
        "publiccode": _publiccode(observation),
        "install": _install(observation),
        "release": _release(observation),
        "accessibility": _policy(observation, "accessibility"),
        "screens": _screens(observation),
        "contributing": _policy(observation, "contributing"),
        "security": _policy(observation, "security"),
        "conduct": _policy(observation, "code_of_conduct"),
    }


def _license(observation: Observation) -> Answer:
    expression = next((str(fact.value) for fact in observation.facts_of("license")), "")
    return Answer(observation.free is True, ", ".join(observation.license_doubts[:3]) or expression)


def _declared_licenses(observation: Observation) -> Answer:
    license_ = next((str(fact.value) for fact in observation.facts_of("license")), None)
    for fact in observation.facts_of("license.manifest"):
        expression = fact.value["license"]
        if expression is None or (
            "/" not in str(fact.path) and license_ and licenses_agree(expression, license_) is False
        ):
            return Answer(False, f"{fact.path}: {fact.value['stated']}")
    return Answer(True)


def _second_language(observation: Observation) -> Answer:
    translated = [readme.path for readme in observation.readmes if readme.language]
    return Answer(bool(translated) and len(observation.readmes) > 1, ", ".join(translated))


def _publiccode(observation: Observation) -> Answer:
    path = next((str(fact.path) for fact in observation.facts_of("name") if fact.path in _PUBLICCODE), "")
    return Answer(bool(path), path)


def _install(observation: Observation) -> Answer:
    path = next((path for path in observation.snapshot.tree if _INSTALL_FILE.fullmatch(path)), None)
    ways = [str(fact.path or ", ".join(fact.value)) for fact in observation.facts_of("installs")]
    return Answer(bool(path or ways), path or ", ".join(ways))


def _release(observation: Observation) -> Answer:
    listed = [release for fact in observation.facts_of("releases") for release in fact.value]
    version = (
        observation.release.name if observation.release else next((str(release["version"]) for release in listed), "")
    )
    return Answer(bool(version), version)


def _screens(observation: Observation) -> Answer:
    languages = {str(language["term"]) for fact in observation.facts_of("languages") for language in fact.value}
    return Answer(len(languages) > 1, ", ".join(sorted(languages)[:10]))


def _policy(observation: Observation, kind: str) -> Answer:
    path = next((str(fact.path) for fact in observation.facts_of("policies") if kind in fact.value), "")
    return Answer(bool(path), path)
