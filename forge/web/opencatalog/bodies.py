"""What may be posted to the Open Catalog API, as frozen dataclasses, and what is kept of it. No request, no row.

A member that is null is as if it were not there; addresses are kept in the one spelling that `normalized_url` gives.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from annotated_types import MaxLen, MinLen

from catalog.rules.open_catalog import MAX_URL, ROOT, is_public, is_url, is_web, normalized_url, parse_id
from catalog.rules.person import normalized_address
from catalog.store.opencatalog.bundles import BundleValues
from catalog.store.opencatalog.catalogs import CatalogValues
from catalog.store.opencatalog.publishers import PublisherValues
from catalog.store.opencatalog.software import SoftwareValues
from catalog.validation import JSON_OBJECT, STRICT, InvalidData, Rule, partly, read
from forge.observe.publiccode.shareable import MAX_PUBLICCODE_CHARACTERS, without_persons
from forge.web.opencatalog.problems import MALFORMED, Refused, broken_rules, invalid, unfit
from forge.web.opencatalog.registration_values import registration_answers

LONG, MANY, SHORT = MAX_PUBLICCODE_CHARACTERS, 255, 255
LARGEST_VERSION, MOST_NAMESPACES = 999, 100  # of an analysis


def _address(text: str) -> str | None:
    return normalized_url(text) if is_url(text) else None


def _version(namespace: Mapping[str, Any]) -> Mapping[str, Any] | None:
    version = namespace.get("v")
    fits = isinstance(version, int) and not isinstance(version, bool) and 1 <= version <= LARGEST_VERSION
    return namespace if fits else None


def _each_once(values: tuple[Any, ...]) -> tuple[Any, ...] | None:
    return values if len(set(values)) == len(values) else None


REQUIRED = Rule("required", lambda text: text or None)
URL = Rule("url", _address)
WEB = Rule("http_url", lambda url: url if is_web(url) else None)
PUBLIC = Rule("code_hosting_url", lambda url: url if is_public(url) else None)
EMAIL = Rule("email", normalized_address)
IDENTITY = Rule("uuid", lambda text: text if parse_id(text) else None)
UNIQUE = Rule("unique", _each_once)
VERSION = Rule("version", _version)
Flag = Annotated[bool, STRICT]


@dataclass(frozen=True)
class SoftwareBody:
    __pydantic_config__: ClassVar[Any] = JSON_OBJECT

    url: Annotated[str, MaxLen(MAX_URL), REQUIRED, URL]
    publiccode_yml: Annotated[str, MaxLen(LONG), REQUIRED]
    aliases: Annotated[tuple[Annotated[str, MaxLen(MAX_URL), URL], ...], MaxLen(MANY)] = ()
    active: Flag = True
    vitality: Annotated[str, MinLen(1), MaxLen(LONG)] | None = None

    def values(self) -> SoftwareValues:
        aliases, file = tuple(sorted({*self.aliases} - {self.url})), self.publiccode_yml
        shown, stated = without_persons(file), registration_answers(file, self.url)
        return SoftwareValues(self.url, aliases, file, shown, self.vitality, self.active, stated)


@dataclass(frozen=True)
class CodeHosting:
    __pydantic_config__: ClassVar[Any] = JSON_OBJECT

    url: Annotated[str, MaxLen(MAX_URL), REQUIRED, WEB, PUBLIC, URL]
    group: Flag = True


@dataclass(frozen=True)
class PublisherBody:
    __pydantic_config__: ClassVar[Any] = JSON_OBJECT

    code_hosting: Annotated[tuple[CodeHosting, ...], MinLen(1), MaxLen(MANY)]
    description: Annotated[str, MaxLen(SHORT), REQUIRED]
    email: Annotated[str, MaxLen(SHORT), EMAIL] | None = None
    active: Flag = True
    alternative_id: Annotated[str, MinLen(1), MaxLen(SHORT)] | None = None

    def values(self) -> PublisherValues:
        code = {hosting.url: hosting.group for hosting in self.code_hosting}
        return PublisherValues(
            self.description, self.email, self.alternative_id, tuple(sorted(code.items())), self.active
        )


@dataclass(frozen=True)
class Source:
    __pydantic_config__: ClassVar[Any] = JSON_OBJECT

    url: Annotated[str, MaxLen(2048), REQUIRED, URL]
    driver: Annotated[str, MinLen(1), MaxLen(64)] | None = None
    args: Annotated[tuple[Annotated[str, MinLen(1), MaxLen(2048)], ...], MinLen(1), MaxLen(20)] | None = None

    def values(self) -> Mapping[str, Any]:
        told = {"url": self.url, "driver": self.driver, "args": list(self.args) if self.args else None}
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True)
class CatalogBody:
    __pydantic_config__: ClassVar[Any] = JSON_OBJECT

    name: Annotated[str, MaxLen(SHORT), REQUIRED]
    alternative_id: Annotated[str, MinLen(1), MaxLen(SHORT)] | None = None
    active: Flag = True
    publishers_namespace: Annotated[str, MaxLen(SHORT)] | None = None
    scopes: Annotated[tuple[Annotated[str, MinLen(1), MaxLen(64)], ...], MaxLen(20)] = ()
    sources: Annotated[tuple[Source, ...], MaxLen(100)] = ()

    def values(self) -> CatalogValues:
        """Raises Refused, 422, for a catalog without sources, and for a root with some."""
        if self.alternative_id == ROOT and self.sources:
            raise Refused(422, "sources are not allowed on the root catalog")
        if self.alternative_id != ROOT and not self.sources:
            raise Refused(422, "sources is required")
        sources = tuple(source.values() for source in self.sources)
        return CatalogValues(
            self.name, self.alternative_id, self.publishers_namespace, self.scopes, sources, self.active
        )


@dataclass(frozen=True)
class BundleText:
    """A bundle without its software."""

    __pydantic_config__: ClassVar[Any] = JSON_OBJECT

    name: Annotated[str, MaxLen(SHORT), REQUIRED]
    description: Annotated[str, MaxLen(2048)] | None = None
    active: Flag = True

    def values(self, software_ids: tuple[UUID, ...]) -> BundleValues:
        return BundleValues(self.name, self.description, software_ids, self.active)


@dataclass(frozen=True, kw_only=True)
class BundleBody(BundleText):
    software_ids: Annotated[
        tuple[Annotated[str, MaxLen(36), IDENTITY], ...], MinLen(1), MaxLen(MANY), UNIQUE
    ]  # as texts: an identity is spelled in one way


@dataclass(frozen=True)
class LogBody:
    __pydantic_config__: ClassVar[Any] = JSON_OBJECT

    message: Annotated[str, MaxLen(2048), REQUIRED, MinLen(2)]


@dataclass(frozen=True)
class WebhookBody:
    __pydantic_config__: ClassVar[Any] = JSON_OBJECT

    url: Annotated[str, MaxLen(MAX_URL), REQUIRED, URL]
    secret: Annotated[str, MinLen(16), MaxLen(256)] | None = None
    format: Literal["default", "github", "standard-webhooks"] = "default"


Analysis = Annotated[dict[str, Annotated[dict[str, Any], VERSION]], MaxLen(MOST_NAMESPACES)]


def checked(described: Any, given: Any) -> Any:
    """What was posted, as its description. Raises Refused: 400 for what is of another JSON type, 422 for the rest."""
    if not isinstance(given, dict):
        raise Refused(400, MALFORMED)
    try:
        return read(described, _without_nulls(given))
    except InvalidData as wrong:
        raise unfit(wrong.faults) from None


def checked_merge(described: Any, given: Any) -> None:
    """Check the members that a merge patch holds; what must be there is checked of its result. Raises Refused as
    `checked`."""
    if not isinstance(given, dict):
        raise Refused(400, MALFORMED)
    try:
        read(partly(described), _without_nulls(given))
    except InvalidData as wrong:
        if faults := [fault for fault in wrong.faults if fault.sort != REQUIRED.name]:
            raise unfit(faults) from None


def checked_analysis(given: Any) -> Any:
    """What programs found out, by namespace. Raises Refused, 422."""
    try:
        return read(Analysis, given)
    except InvalidData as wrong:
        raise invalid(broken_rules(wrong.faults)) from None


def _without_nulls(given: Any) -> Any:
    if isinstance(given, dict):
        return {name: _without_nulls(value) for name, value in given.items() if value is not None}
    return [_without_nulls(value) for value in given] if isinstance(given, list) else given
