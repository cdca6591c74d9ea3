"""The keys of publiccode.yml 0.7 as a table: what each holds, which are needed, which are deprecated.

Where the standard's text and its reference validator differ, the validator's rule is used, since files are made with
it: `fundedBy` asks for `uri` (text: `name`), `platforms` for a list (text: also one word), `longDescription` and
`features` of every language (text: of at least one).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.sentences import mark
from forge.observe.publiccode import rules, words
from forge.observe.publiccode.rules import Rule


@dataclass(frozen=True)
class Text:
    """One text. `file`: it is a path in the repository or a web address, ending in one of these ("" is any)."""

    rules: tuple[Rule, ...] = ()
    file: tuple[str, ...] | None = None
    picture: bool = False  # a PNG there must be one


@dataclass(frozen=True)
class Flag:
    """true or false."""


@dataclass(frozen=True)
class ListOf:
    """A list; `alone`: one value without a list will do."""

    of: "Kind"
    least: int = 0
    alone: bool = False


@dataclass(frozen=True)
class Group:
    """Keys with values; `by_language`: the keys are language tags, and all hold the same."""

    keys: Mapping[str, "Key"]
    by_language: bool = False


Kind = Text | Flag | ListOf | Group


@dataclass(frozen=True)
class Key:
    kind: Kind
    needed: bool = False
    past: str = ""  # the sentence of a key that will be dropped


def _text(*rule: Rule) -> Key:
    return Key(Text(rule))


def _need(*rule: Rule) -> Key:
    return Key(Text(rule), needed=True)


def _texts(*rule: Rule, past: str = "") -> Key:
    return Key(ListOf(Text(rule)), past=past)


_NO_VERSION = mark("This section has no such version; write 0.2 or 1.0.")
_NO_CATEGORY = mark("The standard has no such category; choose one of its list.")
_NO_STATE = mark("The standard has no such state; write concept, development, beta, stable or obsolete.")
_NO_TYPE = mark("The standard has no such type of software; choose one of its list, such as standalone/web.")
_NO_SCOPE = mark("The standard has no such scope; choose one of its list.")
_NO_MAINTENANCE = mark("The standard has no such maintenance; write internal, contract, community or none.")
_DROP = mark("This key will be dropped from the standard; remove it.")
_LOGO = (".svg", ".svgz", ".png")
_SCREENSHOT = (".png", ".jpg")
_FLAG = Key(Flag())

_ORGANIZATION = {"name": _text(), "uri": _need(rules.uri)}
_DEPENDENCY = {"name": _need(), "versionMin": _text(), "versionMax": _text(), "version": _text(), "optional": _FLAG}
_DEPENDENCIES = Key(ListOf(Group(_DEPENDENCY)))
_CONTRACTOR = {"name": _need(), "until": _need(rules.day), "email": _text(rules.email), "website": _text(rules.web)}
_CONTACT = {"name": _need(), "email": _text(rules.email), "phone": _text(), "affiliation": _text()}

_DESCRIPTION = {
    "localisedName": _text(),
    "genericName": Key(Text((rules.at_most(35),)), past=_DROP),
    "shortDescription": _need(rules.at_most(150)),
    "longDescription": _need(rules.at_least(150), rules.at_most(10_000)),
    "documentation": _text(rules.web),
    "apiDocumentation": _text(rules.web),
    "features": Key(ListOf(Text(), least=1), needed=True),
    "screenshots": Key(ListOf(Text(file=_SCREENSHOT))),
    "videos": _texts(rules.video),
    "awards": _texts(),
}
_ITALY = {
    "countryExtensionVersion": _text(rules.one_of(("0.2", "1.0"), _NO_VERSION)),
    "conforme": Key(
        Group(dict.fromkeys(("lineeGuidaDesign", "modelloInteroperabilita", "misureMinimeSicurezza", "gdpr"), _FLAG)),
        past=_DROP,
    ),
    "riuso": Key(
        Group(
            {
                "codiceIPA": Key(
                    Text(),
                    past=mark("This key will be dropped; write the code in organisation.uri as urn:x-italian-pa:code."),
                )
            }
        )
    ),
    "piattaforme": Key(Group(dict.fromkeys(("spid", "pagopa", "cie", "anpr", "io"), _FLAG))),
}

ROOT = Group(
    {
        "publiccodeYmlVersion": _need(),
        "name": _need(),
        "applicationSuite": _text(),
        "url": _need(rules.url),
        "landingURL": _text(rules.web),
        "isBasedOn": Key(ListOf(Text((rules.url,)), alone=True)),
        "softwareVersion": _text(),
        "releaseDate": _text(rules.day),
        "logo": Key(Text(file=_LOGO, picture=True)),
        "monochromeLogo": Key(
            Text(file=_LOGO, picture=True), past=mark("This key will be dropped from the standard; use logo instead.")
        ),
        "organisation": Key(Group(_ORGANIZATION)),
        "inputTypes": _texts(rules.media_type, past=_DROP),
        "outputTypes": _texts(rules.media_type, past=_DROP),
        "platforms": Key(ListOf(Text(), least=1), needed=True),
        "categories": _texts(rules.one_of(words.CATEGORIES, _NO_CATEGORY)),
        "usedBy": _texts(),
        "fundedBy": Key(ListOf(Group(_ORGANIZATION))),
        "roadmap": _text(rules.web),
        "developmentStatus": _need(
            rules.one_of(
                words.STATUSES,
                _NO_STATE,
            )
        ),
        "softwareType": _need(
            rules.one_of(
                words.SOFTWARE_TYPES,
                _NO_TYPE,
            )
        ),
        "supports": Key(ListOf(Group({"id": _need(rules.support)}))),
        "intendedAudience": Key(
            Group(
                {
                    "scope": _texts(rules.one_of(words.SCOPES, _NO_SCOPE)),
                    "countries": _texts(rules.country),
                    "unsupportedCountries": _texts(rules.country),
                }
            )
        ),
        "description": Key(Group(_DESCRIPTION, by_language=True), needed=True),
        "legal": Key(
            Group(
                {
                    "license": _need(rules.license_expression),
                    "mainCopyrightOwner": _text(),
                    "repoOwner": Key(
                        Text(), past=mark("This key will be dropped from the standard; use organisation.name instead.")
                    ),
                    "authorsFile": Key(Text(file=("",)), past=_DROP),
                }
            ),
            needed=True,
        ),
        "maintenance": Key(
            Group(
                {
                    "type": _need(
                        rules.one_of(
                            words.MAINTENANCE_TYPES,
                            _NO_MAINTENANCE,
                        )
                    ),
                    "contractors": Key(ListOf(Group(_CONTRACTOR), least=1)),
                    "contacts": Key(ListOf(Group(_CONTACT), least=1)),
                }
            ),
            needed=True,
        ),
        "localisation": Key(
            Group(
                {
                    "localisationReady": Key(Flag(), needed=True),
                    "availableLanguages": Key(ListOf(Text((rules.language,)), least=1), needed=True),
                }
            ),
            needed=True,
        ),
        "dependsOn": Key(Group({"open": _DEPENDENCIES, "proprietary": _DEPENDENCIES, "hardware": _DEPENDENCIES})),
        "IT": Key(Group(_ITALY)),
        "it": Key(Group(_ITALY), past=mark("A country is written in capitals; rename this key to IT.")),
    }
)
