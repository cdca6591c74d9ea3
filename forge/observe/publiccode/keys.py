"""The keys of publiccode.yml 0.7: what each holds, which are needed, which are deprecated.

Where the standard's text and its reference validator differ, the validator's rule is used, since files are made with
it: `fundedBy` asks for `uri` (text: `name`), `platforms` for a list (text: also one word), `longDescription` and
`features` of every language (text: of at least one).
"""

from catalog.sentences import mark
from forge.observe.bounded.file_check import FLAG, by_language, deprecated, group, list_of, needed_text, text
from forge.observe.publiccode import rules, words

_NO_VERSION = mark("This section has no such version; write 0.2 or 1.0.")
_NO_CATEGORY = mark("The standard has no such category; choose one of its list.")
_NO_STATE = mark("The standard has no such state; write concept, development, beta, stable or obsolete.")
_NO_TYPE = mark("The standard has no such type of software; choose one of its list, such as standalone/web.")
_NO_SCOPE = mark("The standard has no such scope; choose one of its list.")
_NO_MAINTENANCE = mark("The standard has no such maintenance; write internal, contract, community or none.")
_DROP = mark("This key will be dropped from the standard; remove it.")
_LOGO = (".svg", ".svgz", ".png")

_ORGANIZATION = group("Organization", {"name": text(), "uri": needed_text(rules.uri)}, ("uri",))
_DEPENDENCY = group(
    "Dependency",
    {"name": needed_text(), "versionMin": text(), "versionMax": text(), "version": text(), "optional": FLAG},
    ("name",),
)
_CONTRACTOR = group(
    "Contractor",
    {
        "name": needed_text(),
        "until": needed_text(rules.day),
        "email": text(rules.email),
        "website": text(rules.web),
    },
    ("name", "until"),
)
_CONTACT = group(
    "Contact",
    {"name": needed_text(), "email": text(rules.email), "phone": text(), "affiliation": text()},
    ("name",),
)
_DESCRIPTION = group(
    "Description",
    {
        "localisedName": text(),
        "genericName": deprecated(text(rules.at_most(35)), _DROP),
        "shortDescription": needed_text(rules.at_most(150)),
        "longDescription": needed_text(rules.at_least(150), rules.at_most(10_000)),
        "documentation": text(rules.web),
        "apiDocumentation": text(rules.web),
        "features": list_of(text(), least=1),
        "screenshots": list_of(text(rules.screenshot)),
        "videos": list_of(text(rules.video)),
        "awards": list_of(text()),
    },
    ("shortDescription", "longDescription", "features"),
)
_REUSE = group(
    "Riuso",
    {
        "codiceIPA": deprecated(
            text(),
            mark("This key will be dropped; write the code in organisation.uri as urn:x-italian-pa:code."),
        )
    },
)
_CONFORMITY = ("lineeGuidaDesign", "modelloInteroperabilita", "misureMinimeSicurezza", "gdpr")
_ITALY = group(
    "IT",
    {
        "countryExtensionVersion": text(rules.one_of(("0.2", "1.0"), _NO_VERSION)),
        "conforme": deprecated(group("Conforme", dict.fromkeys(_CONFORMITY, FLAG)), _DROP),
        "riuso": _REUSE,
        "piattaforme": group("Piattaforme", dict.fromkeys(("spid", "pagopa", "cie", "anpr", "io"), FLAG)),
    },
)
_AUDIENCE = group(
    "IntendedAudience",
    {
        "scope": list_of(text(rules.one_of(words.SCOPES, _NO_SCOPE))),
        "countries": list_of(text(rules.country)),
        "unsupportedCountries": list_of(text(rules.country)),
    },
)
_LEGAL = group(
    "Legal",
    {
        "license": needed_text(rules.license_expression),
        "mainCopyrightOwner": text(),
        "repoOwner": deprecated(
            text(), mark("This key will be dropped from the standard; use organisation.name instead.")
        ),
        "authorsFile": deprecated(text(rules.file), _DROP),
    },
    ("license",),
)
_MAINTENANCE = group(
    "Maintenance",
    {
        "type": needed_text(rules.one_of(words.MAINTENANCE_TYPES, _NO_MAINTENANCE)),
        "contractors": list_of(_CONTRACTOR, least=1),
        "contacts": list_of(_CONTACT, least=1),
    },
    ("type",),
)
_LOCALISATION = group(
    "Localisation",
    {"localisationReady": FLAG, "availableLanguages": list_of(text(rules.language), least=1)},
    ("localisationReady", "availableLanguages"),
)
_DEPENDS_ON = group("DependsOn", dict.fromkeys(("open", "proprietary", "hardware"), list_of(_DEPENDENCY)))

NEEDED = (
    *("publiccodeYmlVersion", "name", "url", "platforms", "developmentStatus", "softwareType"),
    *("description", "legal", "maintenance", "localisation"),
)
FILE = group(
    "Publiccode",
    {
        "publiccodeYmlVersion": needed_text(),
        "name": needed_text(),
        "applicationSuite": text(),
        "url": needed_text(rules.url),
        "landingURL": text(rules.web),
        "isBasedOn": list_of(text(rules.url), alone=True),
        "softwareVersion": text(),
        "releaseDate": text(rules.day),
        "logo": text(rules.logo),
        "monochromeLogo": deprecated(
            text(rules.logo), mark("This key will be dropped from the standard; use logo instead.")
        ),
        "organisation": _ORGANIZATION,
        "inputTypes": deprecated(list_of(text(rules.media_type)), _DROP),
        "outputTypes": deprecated(list_of(text(rules.media_type)), _DROP),
        "platforms": list_of(text(), least=1),
        "categories": list_of(text(rules.one_of(words.CATEGORIES, _NO_CATEGORY))),
        "usedBy": list_of(text()),
        "fundedBy": list_of(_ORGANIZATION),
        "roadmap": text(rules.web),
        "developmentStatus": needed_text(rules.one_of(words.STATUSES, _NO_STATE)),
        "softwareType": needed_text(rules.one_of(words.SOFTWARE_TYPES, _NO_TYPE)),
        "supports": list_of(group("Support", {"id": needed_text(rules.support)}, ("id",))),
        "intendedAudience": _AUDIENCE,
        "description": by_language(_DESCRIPTION, rules.language),
        "legal": _LEGAL,
        "maintenance": _MAINTENANCE,
        "localisation": _LOCALISATION,
        "dependsOn": _DEPENDS_ON,
        "IT": _ITALY,
        "it": deprecated(_ITALY, mark("A country is written in capitals; rename this key to IT.")),
    },
    NEEDED,
)
