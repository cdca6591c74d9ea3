"""A message as its reader will get it, shown on a page before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request

from forge.i18n import languages
from forge.web.core.render import base_url, manifest_of

TOKEN = "…"


@dataclass(frozen=True)
class MessagePreview:
    """Subject and paragraphs in `language`; HTML, with all that was typed escaped."""

    language: str
    direction: str
    subject: Markup
    paragraphs: tuple[Markup, ...]


def preview(request: Request, language: str, kind: str, argument: Mapping[str, str]) -> MessagePreview:
    """The message of this kind in the language of its reader."""
    site = request.app.state.site
    page_language = languages.page_language(language if languages.is_supported(language) else languages.SOURCE)
    manifest = manifest_of(request)
    body = page_language.text_of(manifest.name) if manifest else None
    base = base_url(request)
    drawn = (
        site.environment(page_language)
        .get_template(f"mail/{kind}.txt")
        .render(
            base=f"{base}/{page_language.tag}",
            site=languages.plain(body.text) if body else "Forge",
            language=page_language.tag,
            token=TOKEN,
            **argument,
        )
    )
    subject, _, text = languages.without_marks(drawn).strip().partition("\n")
    parts = [part.strip() for part in text.split("\n\n") if part.strip()]
    # What was typed was escaped when the template was filled: it is drawn by the pages' own environment.
    return MessagePreview(
        page_language.tag, page_language.direction, Markup(subject), tuple(Markup(part) for part in parts)
    )
