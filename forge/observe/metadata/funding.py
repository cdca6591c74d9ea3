"""Which addresses for donations are a project's or an organization's. Those that may be one person's are left out.

A sponsors page, a Patreon or a PayPal name can be anybody's: it is shown that money is asked for, not for whom.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from forge.observe.core.privacy_filter import web_address

# On these sites the recipient is a collective, an association or a project by the rules of the site.
_COLLECTIVE = re.compile(
    r"(?:opencollective\.com|helloasso\.com/associations|crowdfunding\.lfx\.linuxfoundation\.org/projects"
    r"|tidelift\.com/funding/github|numfocus\.org|sfconservancy\.org|software-freedom-conservancy\.org"
    r"|goteo\.org/project|every\.org|spi-inc\.org)/[\w.~%/-]{2,200}",
    re.ASCII,
)
_SLUG = re.compile(r"[\w.@-]{1,100}", re.ASCII)


def is_project_address(url: str) -> bool:
    """Whether an address for donations is certainly not a person's."""
    try:
        parts = urlsplit(url)
        place = f"{(parts.hostname or '').removeprefix('www.')}{parts.path}"
    except ValueError:
        return False
    return web_address(url) is not None and bool(_COLLECTIVE.match(place)) and not place.endswith("/")


def addresses_of_file(values: Any) -> list[str]:
    """The addresses of a FUNDING.yml: https://docs.github.com/en/repositories (displaying a sponsor button)."""
    if not isinstance(values, dict):
        return []
    addresses = []
    for slug in _slugs(values.get("open_collective")):
        addresses.append(f"https://opencollective.com/{slug}")
    for slug in _slugs(values.get("lfx_crowdfunding") or values.get("community_bridge")):
        addresses.append(f"https://crowdfunding.lfx.linuxfoundation.org/projects/{slug}")
    for slug in _texts(values.get("tidelift")):
        platform, slash, package = slug.partition("/")
        if slash and _SLUG.fullmatch(platform) and package:
            addresses.append(f"https://tidelift.com/funding/github/{platform}/{package}")
    addresses += [url for url in _texts(values.get("custom"))]
    return list(dict.fromkeys(url for url in addresses if is_project_address(url)))


def _texts(value: Any) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    return [entry.strip() for entry in entries[:20] if isinstance(entry, str) and entry.strip()]


def _slugs(value: Any) -> list[str]:
    return [slug for slug in _texts(value) if _SLUG.fullmatch(slug)]
