"""The catalogue that exports come from: its name, its addresses, and the license of each layer of its data."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5

from catalog.model import DataLicense, Manifest
from forge.i18n.languages import plain

_NO_NAME = {"en": "Forge"}


@dataclass(frozen=True)
class CatalogueSite:
    """`base` is the address of the site without a slash at its end; `manifest` is None before the first load."""

    base: str
    manifest: Manifest | None = None

    @property
    def names(self) -> Mapping[str, str]:
        return self.manifest.name if self.manifest else _NO_NAME

    @property
    def name(self) -> str:
        """The English name where there is one, else that of the first language."""
        return plain(self.manifest.called() if self.manifest else _NO_NAME["en"])

    @property
    def id(self) -> UUID:
        return self.manifest.id if self.manifest else uuid5(UUID(int=0), self.base)

    @property
    def operator(self) -> str:
        """The name of the organization that runs it, else that of the catalogue."""
        return plain(self.manifest.operator.name) if self.manifest and self.manifest.operator else self.name

    @property
    def license(self) -> DataLicense:
        return self.manifest.data_license if self.manifest else DataLicense()

    @property
    def languages(self) -> tuple[str, ...]:
        return self.manifest.languages if self.manifest else ("en",)

    @property
    def terms(self) -> str:
        """Both licenses in one sentence, for a person who reads the export."""
        return (
            f"Facts: {self.license.facts}. Texts (descriptions, features, purposes, lessons): {self.license.texts}, "
            f"credit to {self.name}, {self.base}/"
        )

    def project(self, slug: str) -> str:
        return f"{self.base}/projects/{slug}"

    def page(self, slug: str) -> str:
        """The address of a project's page for people, in the first of the catalogue's languages."""
        return f"{self.base}/{self.languages[0]}/projects/{slug}"

    def organization(self, slug: str) -> str:
        return f"{self.base}/organizations/{slug}"

    def export(self, path: str) -> str:
        return f"{self.base}/export/{path}"


@dataclass(frozen=True)
class CatalogueLink:
    """Another catalogue, or a list, whose record is shown here: its name, the record's page there, and its license."""

    name: str
    page: str | None
    license: str


def license_address(spdx: str) -> str:
    """Return the page of one SPDX license."""
    return f"https://spdx.org/licenses/{spdx}"
