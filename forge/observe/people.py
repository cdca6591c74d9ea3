"""What of a stranger's text may be shown: no e-mail address, no telephone number, no name but an organization's.

For every observer that reads texts or names. It cannot know a person's name inside of prose; it therefore takes names
only where a standard says that an organization stands there, or where the name itself says so.
"""

import re
from urllib.parse import urlsplit

MAX_URL = 2_000  # characters
MAX_NAME = 200

_EMAIL = re.compile(
    r"(?:mailto:)?(?<![\w.+-])[\w.+%'-]{1,64}+\s?(?:@|\[at\]|\(at\)|&#64;|%40)\s?[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}",
    re.I,
)
# From eight digits on, with an international prefix or in groups as numbers are written; not 2024-05-21 nor 1.10.3.
_PHONE = re.compile(r"(?<![\w./-])(?:\+|00|\(0\)|0)\d(?:[\s./()-]{0,2}\d){7,13}(?![\w-])")
# Words of names of bodies, in the languages of the catalogue and its neighbours; whole words, so that no surname fits.
_BODY = re.compile(
    r"(?<!\w)(?:"
    r"a(?:cademy|cadémie|dministration|gence|gencia|gency|genzia|yuntamiento|ssociaç[aã]o|ssociation|sociación|ssociazione"
    r"|sbl|utoridad|utorità|utorité|lliance|)"
    r"|b(?:ank|anque|v|undesamt|undesministerium|ureau)|c(?:entre|entro|hambre|âmara|ity|lub|ollectif|ollectivité"
    r"|olectivo|oletivo|omité|omittee|ommission|ommune|omune|ommunauté|ompany|onfederation|onfédération|onseil|onsorcio"
    r"|onsorzio|onsortium|oop|oopérative|ooperative|ooperativa|ooperation|orporation|orp|ouncil|ounty)"
    r"|d(?:épartement|epartment|irección|irection|iputación)|e(?:mpresa|ntreprise|\.\s?v)|f(?:édération|ederation"
    r"|ederación|ondation|oundation|ondazione|undação|undación)|g(?:emeente|mbh|obierno|overnment|ouvernement|overno"
    r"|roup|roupe|rupo|ruppo)|i(?:nc|ncorporated|nstitut|nstitute|nstituto|istituto|nitiative)|k(?:ommun|ommune)"
    r"|l(?:abs?|aboratoire|aboratory|lc|llp|td|imited|tda|da)|m(?:airie|étropole|inist[eè]re|inisterio|inistério"
    r"|inistero|inistry|unicipality|unicipio|município|uséum|useum)|n(?:etwork|on-profit|onprofit|gmbh)"
    r"|o(?:ffice|rganisation|rganización|rganização|rganization|y)|p(?:lc|olitecnico|rovincia|référence|réfecture|ty)"
    r"|r(?:égion|egión|egione|éseau|ede|ed)|s(?:arl|as|a\.?r\.?l|\.?p\.?a|\.?r\.?l|cic|cop|ociety|ociété|ociedad"
    r"|ociedade|ocietà|tadt|tiftung|ervices|ndicat|yndicat|olutions|oftware|\.a)|t(?:echnologies|rust)|u(?:nion"
    r"|niversidad|niversidade|niversità|niversitat|niversität|niversité|niversiteit|niversity|g)|v(?:erband|erein|ille"
    r"|zw)|w(?:orks)|جمعية|تعاونية|مؤسسة|جامعة|وزارة|بلدية"
    r")(?!\w)",
    re.I,
)
_SEVERAL = re.compile(r"[,;:()<>@|/\\\"\n]|\s(?:and|et|e|y|und|at|chez|from|c/o|-|–)\s", re.I)


def without_addresses(text: str) -> str:
    """The text with e-mail addresses and telephone numbers left out."""
    if "@" in text or "at" in text or "64" in text or "%40" in text:
        text = _EMAIL.sub("…", text)
    return _PHONE.sub("…", text)


def is_organization(name: str) -> bool:
    """Whether the name itself says that it is one body's: "Comune di Firenze" does, "Jane Doe, University" does not."""
    name = name.strip()
    return 0 < len(name) <= MAX_NAME and bool(_BODY.search(name)) and not _SEVERAL.search(name)


def organization(name: object) -> str | None:
    """The name, where a standard says that an organization stands here; None where it holds somebody's address."""
    if not isinstance(name, str):
        return None
    name = " ".join(name.split())
    return name if 0 < len(name) <= MAX_NAME and without_addresses(name) == name else None


def web_address(text: object) -> str | None:
    """An http or https address without a user's name, else None."""
    if not isinstance(text, str) or not 0 < len(text) <= MAX_URL or re.search(r"[\s<>\x00-\x1f\x7f\"\\^`{|}]", text):
        return None
    try:
        parts = urlsplit(text)
        fits = parts.scheme.lower() in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return text if fits and "@" not in text and without_addresses(text) == text else None


def repository_key(url: str) -> str:
    """What two addresses of one repository share, whatever their scheme, case, end and "www."."""
    bare = re.sub(r"^(?:https?|git|ssh)://(?:[^/@]*@)?(?:www\.)?", "", url.strip().lower())
    bare = re.sub(r"^git@([^/:]+):", r"\1/", bare).rstrip("/")
    return bare.removesuffix(".git").rstrip("/")
