"""Rules of countries that a group's accountant or supervisor asks for: where they hold, what a program has for them.

Pure. The rules are the terms of the vocabulary `rule` below its kinds; that of a union holds in each of its members,
one without country everywhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from catalog.model import RuleSupport
from catalog.vocabulary import Term, packaged_list

RULES = "rule"  # the vocabulary
MISSING = "missing"  # how a program supports a rule that somebody saw it does not
ENDED = "ended"  # the status of a rule that another one replaced
UNIONS: Mapping[str, frozenset[str]] = {
    "CEMAC": frozenset(["CF", "CG", "CM", "GA", "GQ", "TD"]),
    "EU": frozenset([
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
        "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    ]),
    "OHADA": frozenset([
        "BF", "BJ", "CD", "CF", "CG", "CI", "CM", "GA", "GN", "GQ", "GW", "KM", "ML", "NE", "SN", "TD", "TG",
    ]),
    "UEMOA": frozenset(["BF", "BJ", "CI", "GW", "ML", "NE", "SN", "TG"]),
}  # fmt: skip


@dataclass(frozen=True)
class AnsweredRule:
    """A rule, and each part of a program that is for it, or of which somebody saw that it is missing."""

    rule: Term
    parts: tuple[RuleSupport, ...]


@dataclass(frozen=True)
class CountryAnswers:
    """The rules of a country by what is known of a program: it has a part for them, it is known to have none, nobody
    knows. A rule that ended is left out where the program has no part for it."""

    country: str
    supported: tuple[AnsweredRule, ...]
    missing: tuple[AnsweredRule, ...]
    unknown: tuple[Term, ...]

    @property
    def sources(self) -> frozenset[str]:
        """Where what is known was read."""
        return frozenset(part.source for answer in (*self.supported, *self.missing) for part in answer.parts)


def rules_of(country: str) -> tuple[Term, ...]:
    """The rules that hold in a country (ISO 3166-1), in the order of their kinds: its own first, then those of its
    unions, then those that hold everywhere."""
    return tuple(
        rule
        for place in (country, *(union for union, members in UNIONS.items() if country in members), None)
        for rule in _rules()
        if rule.details.get("country") == place
    )


@cache
def countries_with_rules() -> frozenset[str]:
    """The countries (ISO 3166-1) that have rules of their own, or of a union."""
    codes = {rule.details["country"] for rule in _rules() if "country" in rule.details}
    return frozenset(code for name in codes for code in UNIONS.get(name, (name,)))


def country_answers(country: str, rule_supports: Iterable[RuleSupport]) -> CountryAnswers:
    """What a program that states these parts has of the rules of a country."""
    parts: dict[str, list[RuleSupport]] = {}
    for part in rule_supports:
        parts.setdefault(part.rule, []).append(part)
    rules = rules_of(country)
    answered = [AnsweredRule(rule, tuple(parts[rule.slug])) for rule in rules if rule.slug in parts]
    return CountryAnswers(
        country,
        supported=tuple(answer for answer in answered if supported_rules(answer.parts)),
        missing=tuple(answer for answer in answered if not supported_rules(answer.parts)),
        unknown=tuple(rule for rule in rules if rule.slug not in parts and rule.details.get("status") != ENDED),
    )


def supported_rules(rule_supports: Iterable[RuleSupport]) -> tuple[str, ...]:
    """The rules for which there is a part, each once."""
    return tuple(dict.fromkeys(part.rule for part in rule_supports if part.how != MISSING))


@cache
def _rules() -> tuple[Term, ...]:
    return tuple(term for term in packaged_list(RULES).terms.values() if term.parent is not None)
