"""Which parts of a stranger's text may be shown: no e-mail address, no telephone number, no name but an organization's.

For every observer that reads texts or names. A person's name inside of prose cannot be recognized; therefore names are
taken only where the name itself shows that it is an organization's, or where a standard says so and nothing suggests a
person. Some organizations are lost this way, and no person is published.
"""

import re
from urllib.parse import urlsplit

from catalog import text_rules

MAX_URL = 2_000  # characters
MAX_NAME = 200

_EMAIL = re.compile(
    r"(?:mailto:)?(?<![\w.+-])[\w.+%'-]{1,64}+\s?(?:@|\[at\]|\(at\)|&#64;)\s?[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}", re.I
)
# From eight digits on, with an international prefix or in groups as numbers are written; not 2024-05-21 nor 1.10.3.
_PHONE = re.compile(r"(?<![\w./-])(?:\+|00|\(0\)|0)\d(?:[\s./()-]{0,2}\d){7,13}(?![\w-])")
_PHONE_IN_URL = re.compile(r"[/=?&#](?:\+|%2B|00|0)[0-9]{8,13}(?=$|[/?&#])", re.I)
# Words that only names of bodies hold, in the languages of the catalogue and its neighbours. What is a surname too
# (City, Union, Rede, Bank) is not here.
_NAMES_OF_BODIES = """
    academy académie administration administración administração administrazione agence agencia agency agência agenzia
    alliance aliança alianza association associação asociación associazione autoridad autorità autorité authority
    ayuntamiento banque bundesamt bundesministerium center centre centro collectif collectivité colectivo coletivo
    comité committee commission comisión commune comune communauté company confederation confédération confederación
    consorcio consorzio consórcio consortium cooperative coopérative cooperativa cooperation corporation council coop
    department département departamento diputación dirección direction direzione empresa entreprise fédération
    federación federação federation fondation fondazione foundation fundación fundação gemeente genossenschaft gobierno
    gouvernement governo government incorporated initiative institut institute instituto istituto kommune laboratoire
    laboratorio laboratory library limited mairie métropole ministère ministerio ministério ministero ministry
    municipality municipio município musée museu museum nonprofit office organisation organización organização
    organization politecnico préfecture prefeitura provincia réseau région regione scic scop sociedad sociedade
    società société society solutions stiftung syndicat technologies universidad universidade università universitat
    universität université universiteit university verband verein
    جمعية تعاونية مؤسسة جامعة وزارة بلدية
"""
# Also where a standard says that an organization stands there.
_NAMES_OF_GROUPS = """
    the team project projet proyecto projeto équipe equipo equipe community comunidad comunidade developers contributors
    contributeurs maintainers authors system systems research recherche software
"""
_BODIES, _GROUPS = frozenset(_NAMES_OF_BODIES.split()), frozenset(_NAMES_OF_GROUPS.split())
_PLACE = re.compile(
    r"(?:city|town|county|state|villes?|ciudad|cidade|città|stadt) (?:of |de |des |du |di |do |da |d['’])\w", re.I
)
_LEGAL_FORM = re.compile(
    r",? (?:SAS|SARL|SASU|S\.?[AL]\.?|S\.?[pP]\.?A\.?|S\.?[rR]\.?[lL]\.?|g?GmbH|AG|UG|KG|B\.?V\.|N\.?V\.|Oy|A/S|Ltd\.?"
    r"|LTD\.?|L\.?L\.?C\.?|LLP|PLC|Inc\.?|INC\.?|Corp\.?|ASBL|asbl|VZW|vzw|e\.\s?V\.?|Ltda\.?|LTDA|Lda\.?)$"
)
_SEVERAL = re.compile(r"[,;:()<>@|/\\\"\n&]|\s(?:and|und|at|chez|from|c/o|-|–|—)\s", re.I)  # a person of a body, or two


def without_addresses(text: str) -> str:
    """The text with e-mail addresses and telephone numbers left out."""
    return _PHONE.sub("…", without_emails(text))


def without_emails(text: str) -> str:
    """The text with e-mail addresses left out, and numbers as they are."""
    return _EMAIL.sub("…", text)


def is_organization(name: str) -> bool:
    """Whether the name itself shows one organization: "Comune di Firenze" does, "Jane Doe, University" does not."""
    if not 0 < len(name) <= MAX_NAME:
        return False
    form = _LEGAL_FORM.search(name)
    if _SEVERAL.search(name[: form.start()] if form else name):
        return False
    return bool(form or _PLACE.match(name) or _BODIES & _words(name))


def organization_name(name: object, is_stated: bool = False) -> str | None:
    """The name where it is clearly an organization's, else None.

    `is_stated`: a standard says that this is an organization. People enter themselves there too, so that a name of
    two or three plain words still needs one that shows it; "Framasoft" and "The Galette Team" are accepted.
    """
    if not isinstance(name, str):
        return None
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME or without_addresses(name) != name:
        return None
    if is_stated and not _SEVERAL.search(name) and (" " not in name or _GROUPS & _words(name)):
        return name
    return name if is_organization(name) else None


def is_impersonal(address: str) -> bool:
    """Whether a URI contains no e-mail address and no telephone number."""
    holds = "@" in address or "%40" in address or _PHONE_IN_URL.search(address)
    return not holds and without_addresses(address) == address


def web_address(text: object) -> str | None:
    """An http or https address without a user's name, else None."""
    if not isinstance(text, str) or not 0 < len(text) <= MAX_URL or re.search(r"[\s<>\x00-\x1f\x7f\"\\^`{|}]", text):
        return None
    try:
        parts = urlsplit(text)
        fits = parts.scheme.lower() in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return text if fits and is_impersonal(text) else None


def repository_key(url: str) -> str:
    """As `text_rules.repository_key`, also for what files of a repository say: other schemes of git, a user's name.

    >>> repository_key("git@Example.org:group/tool.git") == repository_key("ssh://git@www.example.org/group/tool/")
    True
    """
    https = re.sub(r"^(?:https?|git|ssh)://(?:[^/@]*@)?", "https://", url.strip().lower())
    return text_rules.repository_key(re.sub(r"^(?:https://)?git@([^/:]+):", r"https://\1/", https))


def _words(name: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", name.casefold()))
