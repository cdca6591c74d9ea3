"""The small document that `forge init` writes: one project, one organization, one adoption, to be replaced. Nothing of
it is stated of anybody real.
"""

from uuid import UUID, uuid4

from catalog.document import complete, dump
from catalog.model import Adoption, Document, Manifest, Operator, Organization, Project


def starter(identity: UUID | None = None) -> str:
    """The canonical text, with a fresh identity for the instance unless one is given."""
    manifest = Manifest(
        id=identity or uuid4(),
        name={"en": "Our catalogue of free software", "fr": "Notre catalogue de logiciels libres"},
        languages=("en", "fr"),
        operator=Operator("Name of the network that runs this catalogue"),
        criteria={"en": "Free software that groups of our network use or could use."},
        validation={"en": "Two people of the network read every statement and its source."},
    )
    project = Project(
        slug="galette",
        name="Galette",
        summary={
            "en": "Manages the members and the fees of an association",
            "fr": "Gère les adhérents et les cotisations d'une association",
        },
        repository="https://github.com/galette/galette.git",
        homepage="https://galette.eu",
        domains=("member-management",),
        license="GPL-3.0-or-later",
        adoptions=(Adoption("our-association", since="2024", seen_at="2026-11-24", sources=("https://example.org",)),),
        sources=("https://galette.eu",),
    )
    organization = Organization(
        slug="our-association",
        name="Our association",
        kind="association",
        country="FR",
        sources=("https://example.org",),
    )
    return dump(complete(Document(manifest=manifest, projects=(project,), organizations=(organization,))))
