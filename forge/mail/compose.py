"""Composes the e-mail of a queued message: plain text and HTML, in the reader's language.

Each kind has one template, `mail/<kind>.txt`, whose first line is the subject; HTML is made from the same text, so
that both say the same: who writes, why, one button, and what happens if nobody presses it. Templates write links alone
on their line; `button(label, address)` is the one that HTML draws as a button.
"""

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from catalog.model import Manifest
from catalog.store.people.mail_queue import Message
from forge import TEMPLATES
from forge.i18n import languages
from forge.i18n.languages import PageLanguage

_LINK = re.compile(r"https?://\S+")
# A link that is a button: its address, and its label between two private characters, which no text of others keeps.
_MARK = languages.BUTTON
_BUTTON = re.compile(f"^(https?://[^\\s{_MARK}]+){_MARK}([^{_MARK}\n]*){_MARK}$")
_LABEL = re.compile(f"{_MARK}[^{_MARK}\n]*{_MARK}")
# Of every button; message programs read no style sheet.
_BUTTON_STYLE = (
    "display:inline-block;padding:.6em 1.1em;border-radius:4px;background:#00356b;color:#fff;font-weight:700"
)
MAX_SUBJECT, MAX_SENDER = 200, 80  # characters


def compose(
    message: Message, manifest: Manifest | None, *, base_url: str, sender: str, own_templates: Path | None = None
) -> EmailMessage:
    """Return the message ready to be sent. `sender` is a bare address; the instance's name stands beside it."""
    page_language = languages.page_language(
        message.language if languages.is_supported(message.language) else languages.SOURCE
    )
    name = page_language.text_of(manifest.name) if manifest else None
    site = languages.plain(name.text) if name else "Forge"
    template = _environment(page_language, own_templates).get_template(f"mail/{message.kind}.txt")
    drawn = template.render(
        base=f"{base_url}/{page_language.tag}", site=site, language=page_language.tag, **message.argument
    )
    subject, _, words = drawn.replace(languages.OPEN, "").replace(languages.CLOSE, "").strip().partition("\n")
    signature = f"{_sender_name(page_language, site, manifest)}\n{base_url}/{page_language.tag}"
    text = "\n\n".join(
        (page_language.gettext("Hello,"), _who_writes(page_language, site, manifest), words.strip(), signature)
    )
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = _header_text(subject, MAX_SUBJECT)
    local, _, domain = sender.partition("@")
    mail["From"] = Address(_header_text(site, MAX_SENDER), local, domain)
    mail["To"] = message.email or ""
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = f"<{message.id}@{domain}>"  # the same at each try: a second copy is known
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    if stops := message.argument.get("off"):  # RFC 8058: the mail program's own button, one press
        mail["List-Unsubscribe"] = f"<{base_url}/off/{stops}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(_LABEL.sub("", text) + "\n", charset="utf-8", cte="quoted-printable")
    mail.add_alternative(
        _html_body(text, subject, page_language), subtype="html", charset="utf-8", cte="quoted-printable"
    )
    return mail


def _who_writes(page_language: PageLanguage, site: str, manifest: Manifest | None) -> str:
    """Return who writes, for somebody who may have forgotten it."""
    if not (manifest and manifest.operator):
        return page_language.gettext("%(site)s is a catalogue of free software.") % {"site": site}
    names = {"site": site, "name": languages.one_line(manifest.operator.name)}
    return page_language.gettext("%(site)s is a catalogue of free software, run by %(name)s.") % names


def _button(label: str, url: str) -> str:
    return f"{url}{_MARK}{label}{_MARK}"


def _sender_name(page_language: PageLanguage, site: str, manifest: Manifest | None) -> str:
    """Return who writes: the catalogue, and the organization that runs it where the manifest names one."""
    if not (manifest and manifest.operator):
        return site
    names = {"site": site, "name": languages.one_line(manifest.operator.name)}
    return page_language.gettext("%(site)s, a catalogue run by %(name)s") % names


def _header_text(text: str, most: int) -> str:
    """Make a text safe for a header: one line, and no encoded word (RFC 2047). Python takes those apart in what it is
    given, also one that stands for the end of the line, behind which a stranger would write headers of their own.
    """
    return " ".join(text.replace("=?", "= ?").split())[:most]


def _html_body(text: str, subject: str, page_language: PageLanguage) -> str:
    parts = [f"<p>{_with_links(part.strip())}</p>" for part in re.split(r"\n\s*\n", text)]
    return (
        f'<!doctype html>\n<html lang="{page_language.tag}" dir="{page_language.direction}">'
        '<head><meta charset="utf-8">'
        f"<title>{escape(subject)}</title></head>\n<body>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def _with_links(part: str) -> Markup:
    if button := _BUTTON.match(part):
        url, label = button.groups()
        return Markup('<a href="{}" style="{}">{}</a>').format(url, _BUTTON_STYLE, label)
    html, last = Markup(""), 0
    for match in _LINK.finditer(part):
        url = match[0].rstrip(".,;)")
        html += escape(part[last : match.start()]) + Markup('<a href="{0}">{0}</a>').format(url)
        last = match.start() + len(url)
    return (html + escape(part[last:])).replace("\n", Markup("<br>\n"))


@lru_cache(maxsize=32)  # of few languages and one instance: a template was compiled anew for each message, 10 ms
def _environment(page_language: PageLanguage, own_templates: Path | None) -> Environment:
    own = [FileSystemLoader(own_templates)] if own_templates else []
    environment = Environment(
        loader=ChoiceLoader([*own, FileSystemLoader(TEMPLATES)]),
        autoescape=False,  # plain text; what becomes HTML is escaped where it does
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(page_language.gettext, page_language.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["button"] = _button
    environment.filters["plain"] = languages.plain
    environment.filters["partial_date"] = page_language.partial_date
    environment.filters["line"] = languages.one_line
    return environment
