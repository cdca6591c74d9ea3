"""The pages of licenses in plain words: all that we have words for, by family, and a page for each. The words are in
`license_explained`.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import NotFound
from catalog.licenses import expressions
from catalog.licenses.expressions import LicenseTerm
from catalog.licenses.terms import known_licenses, terms_of
from forge.web.core.render import page, page_language_of
from forge.web.projects.license_explained import license_words

_LONGEST_ID = 80  # characters


def licenses_page(request: Request) -> Response:
    """Every license that has words here, from the family that requires least to the one that requires most."""
    members = {
        family: [license_id for license_id in known_licenses() if expressions.family(license_id) == family]
        for family in expressions.FAMILIES
    }
    groups = [
        (family, [license_words(LicenseTerm(license_id)) for license_id in ids]) for family, ids in members.items()
    ]
    return page(request, "projects/licenses.html", groups=groups)


def license_page(request: Request) -> Response:
    """One license, by its SPDX id in the list's own spelling; any other spelling is redirected there."""
    asked = request.path_params["id"]
    license_id = _canonical_id(asked)
    if license_id is None or terms_of(license_id) is None:
        raise NotFound("license", asked)
    if license_id != asked:
        return RedirectResponse(f"/{page_language_of(request).tag}/help/licenses/{license_id}", 301)
    return page(
        request,
        "projects/license.html",
        explained=license_words(LicenseTerm(license_id)),
        free=expressions.is_free(license_id),
        variants=[license_words(LicenseTerm(variant)) for variant in _variants(license_id)],
    )


def _canonical_id(asked: str) -> str | None:
    """The id in the list's spelling; None for what is no single license."""
    if len(asked) > _LONGEST_ID:
        return None
    try:
        found = expressions.parse(asked)
    except ValueError:
        return None
    (term, *others) = found.terms
    return None if others or term.exception else term.id


def _variants(license_id: str) -> list[str]:
    """For a GNU id that says neither "only" nor "or later", the two that do."""
    both = [f"{license_id}-or-later", f"{license_id}-only"]
    return both if not expressions.suffix_known(license_id) else []
