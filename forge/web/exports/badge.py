"""The badge of a project, which other sites show. Nobody notes who sees it.

It counts what a page counts: organizations that confirmed a public use, and their countries.
"""

from html import escape

from starlette.requests import Request
from starlette.responses import Response

from catalog.sentences import mark
from catalog.store.core.read_models import ConfirmedReach
from forge.i18n import languages
from forge.i18n.languages import PageLanguage
from forge.web.core.etag import etag_of, not_modified
from forge.web.core.render import CACHE, PUBLIC, offered_languages

_CHARACTER_WIDTH = 6.6  # pixels, about what one takes at 11 pixels in any common font
_NO_ADOPTERS = mark("listed in a catalogue of free software")
_NOT_FREE = mark("not free software")


def badge(request: Request) -> Response:
    """Draw an SVG with its sentence as title, for README files and sites."""
    page_language = _choose_language(request)
    sentence = reach_in_words(request.app.state.store.public_records.reach(request.path_params["slug"]), page_language)
    return _answer(request, _badge_svg(sentence, page_language).encode(), "image/svg+xml", page_language)


def reach_in_words(reach: ConfirmedReach, page_language: PageLanguage) -> str:
    """Return one line of plain text: how many organizations confirmed that they use it."""
    if reach.context_only:
        return languages.without_marks(page_language.gettext(_NOT_FREE))
    if not reach.organizations:
        return languages.without_marks(page_language.gettext(_NO_ADOPTERS))
    used, places = reach.organizations, reach.countries
    parts = [page_language.ngettext("used by %(count)s organization", "used by %(count)s organizations", used)]
    parts[0] %= {"count": page_language.number(used)}
    if places:
        parts.append(page_language.ngettext("in %(count)s country", "in %(count)s countries", places))
        parts[1] %= {"count": page_language.number(places)}
    return languages.without_marks(" ".join(parts))


def _badge_svg(sentence: str, page_language: PageLanguage) -> str:
    width = round(len(sentence) * _CHARACTER_WIDTH) + 34
    text = escape(sentence)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="22" viewBox="0 0 {width} 22" role="img" '
        f'aria-labelledby="t" xml:lang="{page_language.tag}" direction="{page_language.direction}">'
        f'<title id="t">{text}</title>'
        f'<rect width="{width}" height="22" rx="4" fill="#1f4d3a"/><circle cx="14" cy="11" r="5" fill="#f2c14e"/>'
        f'<text x="{(width + 24) // 2}" y="15" text-anchor="middle" font-family="sans-serif" font-size="11" '
        f'fill="#ffffff">{text}</text></svg>\n'
    )


def _choose_language(request: Request) -> PageLanguage:
    tags, wished = offered_languages(request), request.query_params.get("language", "")
    page_language: PageLanguage = languages.page_language(wished if wished in tags else tags[0])
    request.state.page_language = page_language
    return page_language


def _answer(request: Request, body: bytes, media_type: str, page_language: PageLanguage) -> Response:
    tag = etag_of(body)
    headers = {"Cache-Control": CACHE, "ETag": tag, "Content-Language": page_language.tag} | PUBLIC
    if not_modified(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)
