"""A message as its reader will get it, shown on a page before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request

from forge.i18n import languages
from forge.web.core.render import base_url, manifest_of

TOKEN = "…"


@dataclass(frozen=True)
class Letter:
    """Subject and paragraphs in `language`; HTML, with all that was typed escaped."""

    language: str
    direction: str
    subject: Markup
    paragraphs: tuple[Markup, ...]


def preview(request: Request, language: str, kind: str, argument: Mapping[str, str]) -> Letter:
    """The message of this kind in the language of its reader."""
    site = request.app.state.site
    tongue = languages.tongue(language if languages.is_supported(language) else languages.SOURCE)
    manifest = manifest_of(request)
    said = tongue.text_of(manifest.name) if manifest else None
    base = base_url(request)
    drawn = (
        site.environment(tongue)
        .get_template(f"mail/{kind}.txt")
        .render(
            base=f"{base}/{tongue.tag}",
            site=languages.plain(said.text) if said else "Forge",
            language=tongue.tag,
            token=TOKEN,
            **argument,
        )
    )
    subject, _, text = languages.without_marks(drawn).strip().partition("\n")
    parts = [part.strip() for part in text.split("\n\n") if part.strip()]
    # What was typed was escaped when the template was filled: it is drawn by the pages' own environment.
    return Letter(tongue.tag, tongue.direction, Markup(subject), tuple(Markup(part) for part in parts))
