"""Deterministic, multilingual documents of any size for benchmarks and tests of speed. It measures nothing itself.

The same arguments give the same document: n projects, a third as many organizations, about two adoptions a project,
most of them of few projects, as in life. Names and texts are made of words of five languages, none of a real project.
"""

import random
from functools import cache
from uuid import UUID

from catalog.model import (
    Adoption,
    AudienceClaim,
    Collection,
    CollectionProject,
    Document,
    Maintenance,
    Manifest,
    Organization,
    Project,
    Relation,
    Runs,
    ScreenLanguage,
)
from catalog.vocabulary import vocabulary

MANIFEST_ID = UUID("0b0e5e1e-7a44-4d0f-8d6a-51a7e5b1c0de")
LANGUAGES = ("en", "fr", "es", "pt", "ar")
COUNTRIES = ("FR", "ES", "PT", "BR", "MX", "AR", "MA", "TN", "SN", "CI", "BE", "CH", "CA", "IT", "DE", "GB")
LICENSES = ("AGPL-3.0-or-later", "GPL-3.0-or-later", "MIT", "Apache-2.0", "EUPL-1.2", "MPL-2.0", "LGPL-3.0-only")
STAGES = (None, "piloting", "in-production")
VERIFICATIONS = ("found-in-public-source", "found-in-public-source", "self-declared")

_STARTS = (
    "Coop",
    "Mutua",
    "Soli",
    "Terra",
    "Libre",
    "Agora",
    "Comun",
    "Forja",
    "Nido",
    "Rede",
    "Lien",
    "Grain",
    "Horta",
)
_ENDS = ("gest", "compta", "vote", "plan", "data", "stock", "form", "lab", "net", "base", "kit", "note", "pay", "desk")
_VERBS = {
    "en": ("Keep", "Plan", "Share", "Follow", "Send", "Count", "Invite", "Print", "Sell", "Decide on"),
    "fr": ("Tenir", "Préparer", "Partager", "Suivre", "Envoyer", "Compter", "Inviter", "Imprimer", "Vendre", "Décider"),
    "es": (
        "Llevar",
        "Planificar",
        "Compartir",
        "Seguir",
        "Enviar",
        "Contar",
        "Invitar",
        "Imprimir",
        "Vender",
        "Decidir",
    ),
    "pt": (
        "Manter",
        "Planear",
        "Partilhar",
        "Acompanhar",
        "Enviar",
        "Contar",
        "Convidar",
        "Imprimir",
        "Vender",
        "Decidir",
    ),
    "ar": ("إدارة", "تحضير", "مشاركة", "متابعة", "إرسال", "حساب", "دعوة", "طباعة", "بيع", "تقرير"),
}
_THINGS = {
    "en": (
        "members",
        "accounts",
        "receipts",
        "loans",
        "files",
        "meetings",
        "shifts",
        "orders",
        "fees",
        "rooms",
        "gifts",
    ),
    "fr": (
        "adhérents",
        "comptes",
        "reçus",
        "prêts",
        "fichiers",
        "réunions",
        "équipes",
        "commandes",
        "cotisations",
        "dons",
    ),
    "es": (
        "socias",
        "cuentas",
        "recibos",
        "préstamos",
        "archivos",
        "reuniones",
        "turnos",
        "pedidos",
        "cuotas",
        "salas",
    ),
    "pt": (
        "sócios",
        "contas",
        "recibos",
        "empréstimos",
        "ficheiros",
        "reuniões",
        "turnos",
        "encomendas",
        "quotas",
        "salas",
    ),
    "ar": ("الأعضاء", "الحسابات", "الوصولات", "القروض", "الملفات", "الاجتماعات", "الطلبات", "الاشتراكات", "القاعات"),
}


WORDS = tuple(word for words in _THINGS.values() for word in words)  # what one may search for, in five languages


def slug(number: int) -> str:
    """The slug of a project, counted from 0."""
    return f"project-{number}"


def document(projects: int, seed: int = 1) -> Document:
    """A document of this many projects (1 to a few millions) that passes `catalog.document.check`."""
    chance = random.Random(seed)
    organizations = max(1, projects // 3)
    listed = tuple(CollectionProject(slug(number)) for number in range(min(20, projects)))
    return Document(
        manifest=Manifest(MANIFEST_ID, {"en": "A made-up catalogue", "fr": "Un catalogue inventé"}, ("en", "fr")),
        collections=(Collection("suite", {"en": "The suite", "fr": "La suite"}, projects=listed),),
        projects=tuple(_project(number, projects, organizations, chance) for number in range(projects)),
        organizations=tuple(_organization(number, chance) for number in range(organizations)),
    )


def _project(number: int, projects: int, organizations: int, chance: random.Random) -> Project:
    languages = ("en", "fr", *chance.sample(LANGUAGES[2:], 1))
    name = slug(number)
    users = {_popular(organizations, chance) for _ in range(int(chance.expovariate(0.4)))}
    maintainer = f"organization-{chance.randrange(organizations)}"
    hosted = (f"organization-{chance.randrange(organizations)}",) if chance.random() < 0.1 else ()
    related = chance.randrange(projects)
    context = chance.random() < 0.02
    return Project(
        slug=name,
        name=f"{chance.choice(_STARTS)}{chance.choice(_ENDS)} {number}",
        summary={language: _sentence(language, chance) for language in languages},
        description={language: _text(name, language, chance) for language in languages},
        repository=f"https://code.example.org/{name}.git",
        homepage=f"https://{name}.example.org/",
        domains=tuple(chance.sample(_terms("domain"), chance.randint(1, 2))),
        made_for=tuple(chance.sample(_terms("organization-kind"), 1)),
        audiences=(AudienceClaim(chance.choice(_terms("audience"))),) if chance.random() < 0.4 else (),
        license=None if context else chance.choice(LICENSES),
        context_only=context,
        languages=tuple(ScreenLanguage(language) for language in languages),
        runs=Runs(f"https://{name}.example.org/try" if chance.random() < 0.3 else None, hosted, "easy"),
        relations=(Relation("works-with", slug(related)),) if related != number and chance.random() < 0.2 else (),
        maintenance=(Maintenance("lead", maintainer),),
        adoptions=tuple(_adoption(user, chance) for user in sorted(users)),
        sources=(f"https://code.example.org/{name}",),
    )


def _popular(organizations: int, chance: random.Random) -> int:
    """Few organizations use much: half of all uses are those of a seventh of them."""
    return int(organizations * chance.random() ** 2.8)


def _adoption(user: int, chance: random.Random) -> Adoption:
    return Adoption(
        organization=f"organization-{user}",
        stage=chance.choice(STAGES),
        since=str(chance.randint(2008, 2026)) if chance.random() < 0.5 else None,
        verification=chance.choice(VERIFICATIONS),
        visibility=chance.choice(("counted", "network")) if chance.random() < 0.05 else "public",
        sources=("https://example.org/users",),
    )


def _organization(number: int, chance: random.Random) -> Organization:
    language = chance.choice(LANGUAGES)
    return Organization(
        slug=f"organization-{number}",
        name=f"{chance.choice(_STARTS)} {chance.choice(_THINGS[language])} {number}",
        kind=chance.choice(_terms("organization-kind")),
        country=chance.choice(COUNTRIES),
        homepage=f"https://organization-{number}.example.org/",
        sources=(f"https://organization-{number}.example.org/about",),
    )


def _sentence(language: str, chance: random.Random) -> str:
    thing, other = chance.sample(_THINGS[language], 2)
    return f"{chance.choice(_VERBS[language])} {thing}, {other}"


def _text(name: str, language: str, chance: random.Random) -> str:
    """It begins with the slug: a description that begins like the summary is refused."""
    return f"{name}: " + " ".join(f"{_sentence(language, chance)}." for _ in range(8))


@cache
def _terms(name: str) -> list[str]:
    return list(vocabulary(name).terms)
