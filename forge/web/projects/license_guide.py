"""The page that explains licenses by what their families allow and require."""

from starlette.requests import Request
from starlette.responses import Response

from catalog.licenses import expressions
from forge.web.core.render import page

# What projects of the catalogue's kind use most, for readers who look for a name.
_COMMON = (
    *("CC0-1.0", "Unlicense", "Apache-2.0", "BSD-3-Clause", "MIT", "EPL-2.0", "LGPL-3.0", "MPL-2.0"),
    *("CECILL-2.1", "GPL-2.0", "GPL-3.0", "AGPL-3.0", "EUPL-1.2"),
    *("BUSL-1.1", "CC-BY-NC-4.0", "SSPL-1.0", "LicenseRef-Coopyleft"),
)


def licenses_page(request: Request) -> Response:
    """The families from the one that requires least to the one that requires most, with common licenses of each."""
    described = [expressions.expression_in_words(license_id) for license_id in _COMMON]
    groups = [(family, [one for one in described if one.family == family]) for family in expressions.FAMILIES]
    return page(request, "projects/licenses.html", groups=groups)
