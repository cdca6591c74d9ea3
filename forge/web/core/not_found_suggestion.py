"""Suggests pages for an address that does not exist: those whose own address is nearly the same, never a guess.

An address is nearly a page's where the two differ by a typing error, by capitals or by the language before it, or
where it names the page in a word of another language or of an older catalogue.
"""

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache

from catalog.search import normalize
from catalog.sentences import mark
from catalog.store.store import Store
from catalog.vocabulary import vocabulary
from forge.i18n import languages
from forge.i18n.languages import PageLanguage

MAX_SUGGESTIONS = 3
LONGEST = 100  # letters of a part of an address that is compared
SHORTEST = 4  # letters below which nothing is nearly something else
NEAR_RATIO = 0.8  # of the letters agree: "galete" and "galette", not "aide" and "aidants-connect"
MIN_PREFIX = 5  # letters that begin a longer name: "open-food"

# Pages without a record in the address, and what they are called.
PAGES = {
    "/projects": mark("All software"),
    "/domains": mark("Categories"),
    "/organizations": mark("Organizations"),
    "/calls": mark("Needs"),
    "/places": mark("Used around the world"),
    "/compare": mark("Compare software"),
    "/register": mark("Add software"),
    "/sign-in": mark("Sign in"),
    "/help": mark("Help and contact"),
    "/help/licenses": mark("Licences explained"),
    "/help/api": mark("API for developers"),
    "/about": mark("About this catalogue"),
    "/about/peers": mark("Partner catalogues"),
    "/accessibility": mark("Accessibility"),
    "/legal": mark("Legal notice and privacy"),
    "/log": mark("Moderation log"),
    "/site-map": mark("Site map"),
    "/statistics": mark("Statistics"),
}
# What the menu calls some of them, and what they are called elsewhere.
MENU = {"/projects": mark("Find"), "/register": mark("Add software"), "/about": mark("About"), "/help": mark("Help")}
OTHERWISE = {
    "/projects": ("software", "project", "tools", "search", "catalogue", "catalog"),
    "/domains": ("domain", "category"),
    "/organizations": ("organization", "organisations", "organisation", "groups"),
    "/calls": ("call", "need", "calls-for-help"),
    "/sign-in": ("login", "signin"),
    "/legal": ("privacy", "imprint"),
    "/help": ("contact",),
    "/statistics": ("stats", "figures", "numbers"),
}

Suggestion = tuple[str, str]  # address below the language, and name


def suggest_pages(path: str, store: Store, page_language: PageLanguage) -> tuple[Suggestion, ...]:
    """Return at most MAX_SUGGESTIONS pages whose address `path`, perhaps with a language before it, nearly is.

    Where nothing is near enough it is empty: a wrong suggestion costs the reader more than a search. Most requests
    for missing pages come from robots, so the store is asked at most twice.
    """
    parts = [part.lower() for part in path.split("/") if part]
    while len(parts) > 1 and languages.is_supported(parts[0]):
        parts = parts[1:]
    if not parts or any(len(part) > LONGEST for part in parts):
        return ()
    page = _page_nearly(parts[:1])
    if len(parts) > 1 and page in ("/projects", "/organizations", "/domains"):
        suggestions = _names_nearly(page.strip("/"), parts[1], store, page_language)
    elif len(parts) > 1 and _is_nearly(parts[0], "collections"):
        lists = (
            (f"/collections/{collection.slug}", collection.slug, collection.title)
            for collection in store.home_page.collections()
        )
        suggestions = [
            (path, _text_of(title, page_language)) for path, slug, title in lists if _is_nearly(parts[1], slug)
        ]
    elif page := _page_nearly(parts) or page:
        suggestions = [(page, page_language.gettext(PAGES[page]))]
    else:
        kinds = ("projects", "organizations", "domains") if len(parts) == 1 else ()
        suggestions = next(
            (near for kind in kinds if (near := _names_nearly(kind, parts[0], store, page_language))), []
        )
    return tuple(suggestions[:MAX_SUGGESTIONS])


def _names_nearly(section: str, wanted: str, store: Store, page_language: PageLanguage) -> list[Suggestion]:
    """Return what nearly has this name in one of the large lists."""
    if section == "domains":
        return [
            (f"/domains/{term.slug}", _text_of(term.label, page_language))
            for term in vocabulary("domain").terms.values()
            if _is_nearly(wanted, term.slug)
            or normalize.name_key(wanted) in map(normalize.name_key, term.label.values())
        ]
    near = store.record_pages.near(section.removesuffix("s"), wanted)
    alike = [
        (slug, name) for slug, name in near if _is_nearly(wanted, slug) or _is_nearly(wanted, normalize.name_key(name))
    ]
    begun = [(slug, name) for slug, name in near if len(wanted) >= MIN_PREFIX and slug.startswith(wanted)]
    return [(f"/{section}/{slug}", name) for slug, name in dict.fromkeys([*alike, *begun])]


def _page_nearly(parts: Sequence[str]) -> str:
    """Return the page without a record that these parts nearly are, else ""."""
    wanted = "/".join(parts)
    return next((path for path, words in _page_names().items() if any(_is_nearly(wanted, word) for word in words)), "")


@cache
def _page_names() -> dict[str, tuple[str, ...]]:
    """Return what each of the pages is called in addresses and menus of every language."""
    spoken = [languages.page_language(file.stem) for file in sorted(languages.FOLDER.glob("*.po"))]

    def names(path: str) -> Iterable[str]:
        for name in (PAGES[path], *([MENU[path]] if path in MENU else [])):
            yield from (
                normalize.name_key(text).replace(" ", "-") for text in (name, *(text.gettext(name) for text in spoken))
            )

    return {path: tuple(dict.fromkeys([path[1:], *OTHERWISE.get(path, ()), *names(path)])) for path in PAGES}


def _is_nearly(text: str, word: str) -> bool:
    if text == word:
        return True
    if min(len(text), len(word)) < SHORTEST:
        return False
    matcher = SequenceMatcher(None, text, word)
    return matcher.real_quick_ratio() >= NEAR_RATIO and matcher.ratio() >= NEAR_RATIO


def _text_of(texts: Mapping[str, str], page_language: PageLanguage) -> str:
    text = page_language.text_of(texts)
    return text.text if text else next(iter(texts.values()))
