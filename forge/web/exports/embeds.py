"""What other sites show of a project: a badge, a card in a frame, and oEmbed, which finds the card. Without scripts
and without noting who sees them.

The badge counts what a page counts: organizations that confirmed a public use, and their countries.
https://oembed.com/
"""

import re
from html import escape
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from catalog.errors import NotFound
from catalog.model import Manifest
from catalog.rules.fact import LICENSE
from catalog.sentences import mark
from catalog.store.core.read_models import ConfirmedReach
from forge.i18n import languages
from forge.i18n.languages import PageLanguage, plain
from forge.web.core.etag import etag_of, not_modified
from forge.web.core.render import CACHE, PUBLIC, base_url, manifest_of, offered_languages, page
from forge.web.core.request_guard import HEADERS
from forge.web.facts.merged_record import record_shown
from forge.web.projects.profile import license_view

MAX_ADDRESS = 2_000  # characters
CARD_WIDTH, CARD_HEIGHT = 420, 220  # pixels
_FRAMED_POLICY = HEADERS["Content-Security-Policy"].replace("frame-ancestors 'none'", "frame-ancestors *")
_CHARACTER_WIDTH = 6.6  # pixels, about what one takes at 11 pixels in any common font
_PROJECT = re.compile(r"/(?:[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}/)?projects/([^/\x00-\x1f\x7f]+)/?")
_NO_ADOPTERS = mark("listed in a catalogue of free software")
_NOT_FREE = mark("not free software")


def badge(request: Request) -> Response:
    """Draw an SVG with its sentence as title, for README files and sites."""
    page_language = _choose_language(request)
    sentence = reach_in_words(request.app.state.store.public_records.reach(request.path_params["slug"]), page_language)
    return _answer(request, _badge_svg(sentence, page_language).encode(), "image/svg+xml", page_language)


def card(request: Request) -> Response:
    """Draw a small page for a frame of any site."""
    page_language = _choose_language(request)
    store = request.app.state.store
    project_page = store.public_records.project(request.path_params["slug"])
    reach = store.public_records.reach(project_page.record.slug)
    chosen = project_page.chosen
    declared = str(chosen[LICENSE].value) if LICENSE in chosen else project_page.record.license
    answer = page(
        request,
        "projects/embed.html",
        project=record_shown(project_page.record, chosen),
        license=license_view(declared, project_page.mirror, project_page.record.context_only),
        said=reach_in_words(reach, page_language) if reach.organizations else "",
        noindex=True,
    )
    answer.headers["Content-Security-Policy"] = _FRAMED_POLICY
    return answer


def oembed(request: Request) -> Response:
    """Answer oEmbed. Raises NotFound for an address that is no project's page here."""
    asked = request.query_params
    if asked.get("format", "json") != "json":
        return _problem(501, "Only JSON is spoken here: leave format out.")
    base = base_url(request)
    wanted = asked.get("url", "")[:MAX_ADDRESS]
    path = unquote(re.split("[?#]", wanted.removeprefix(base))[0])
    match = _PROJECT.fullmatch(path) if wanted.startswith(f"{base}/") else None
    if match is None:
        raise NotFound("page", wanted)
    store, slug = request.app.state.store, match[1]
    # A former slug stands in the query, which a redirect by the path would leave as it is.
    reach = store.public_records.reach(store.record_pages.present([slug.lower()]).get(slug.lower(), slug))
    tag = path.strip("/").partition("/")[0]
    language = tag if tag in offered_languages(request) else offered_languages(request)[0]
    width, height = _bounded_size(asked.get("maxwidth"), CARD_WIDTH), _bounded_size(asked.get("maxheight"), CARD_HEIGHT)
    name, address = plain(reach.name), f"{base}/embed/{reach.slug}?language={language}"
    frame = f'<iframe src="{escape(address)}" title="{escape(name)}" width="{width}" height="{height}" loading="lazy">'
    manifest = manifest_of(request)
    content = {
        "version": "1.0",
        "type": "rich",
        "title": name,
        "provider_name": _catalogue_name(manifest, language),
        "provider_url": f"{base}/",
        "cache_age": 3_600,
        "width": width,
        "height": height,
        "html": f"{frame}</iframe>",
    }
    return JSONResponse(content, headers={"Cache-Control": CACHE} | PUBLIC)


def _catalogue_name(manifest: Manifest | None, language: str) -> str:
    """Return what this catalogue calls itself in the language of the card."""
    name = languages.page_language(language).text_of(manifest.name) if manifest else None
    return plain(name.text) if name else "Forge"


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


def _bounded_size(asked: str | None, ours: int) -> int:
    return min(int(asked), ours) if asked and asked.isascii() and asked.isdigit() and int(asked[:9]) > 0 else ours


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


def _problem(status: int, detail: str) -> Response:
    content = {"status": status, "title": "NotImplemented", "detail": detail}
    return JSONResponse(content, status, headers=dict(PUBLIC), media_type="application/problem+json")
