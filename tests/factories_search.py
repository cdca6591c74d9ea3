"""Rows of the search index for tests and benchmarks: dull and valid, with changes by keyword."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from catalog.model import AudienceClaim, Project, Runs, ScreenLanguage
from catalog.search.fold import words
from catalog.store.views import IndexRow

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_NAMESPACE = UUID("8d0f3a52-6a5e-4d0c-9f0e-1f3d5f6f7a01")
_RECORD = {field for field in Project.__dataclass_fields__}


def an_index_row(name: str = "Galette", **changes: Any) -> IndexRow:
    """A row; keywords are fields of the record or of the row, `runs` may be a dict."""
    slug = changes.pop("slug", "-".join(words(name))[:60] or f"p{abs(hash(name))}")
    record: dict[str, Any] = {"summary": {"en": "Does something useful"}, "license": "AGPL-3.0-or-later"}
    record |= {key: changes.pop(key) for key in list(changes) if key in _RECORD}
    if isinstance(record.get("languages"), tuple):
        record["languages"] = tuple(ScreenLanguage(tag) for tag in record["languages"])
    row: dict[str, Any] = {
        "id": uuid5(_NAMESPACE, slug),
        "change": 1,
        "organization_names": (),
        "adopter_kinds": (),
        "countries": (),
        "helper_countries": (),
        "confirmed_uses": 0,
        "declared_uses": 0,
        "found_uses": 0,
        "last_commit_at": NOW - timedelta(days=30),
        "added_at": NOW - timedelta(days=400),
        "changed_at": NOW - timedelta(days=40),
    }
    return IndexRow(slug=slug, record=Project(slug=slug, name=name, **record), **{**row, **changes})


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_STARTS = _listed(
    "Coop Mutua Soli Terra Libre Agora Eco Comun Forja Alve Nido Rede Casa Lien Tisse Open Grain Semi Horta Banca "
)
_ENDS = _listed("gest compta vote shop map plan data stock mail form lab net link hub base kit note pay desk book ")
_TEXTS = {
    "en": _listed(
        "manage members keep accounts send receipts follow loans share files plan meetings print cards "
        "for cooperatives associations and their volunteers with reports exports maps forms payments "
        "subscriptions documents "
    ),
    "fr": _listed(
        "gérer les adhérents tenir la comptabilité envoyer des reçus suivre les prêts partager des "
        "fichiers préparer les réunions pour coopératives associations bénévoles avec rapports cartes "
        "formulaires paiements cotisations "
    ),
    "es": _listed(
        "gestionar socios llevar la contabilidad enviar recibos seguir préstamos compartir archivos "
        "preparar reuniones para cooperativas asociaciones voluntarias con informes mapas formularios "
        "pagos cuotas documentos "
    ),
    "pt": _listed(
        "gerir associados manter a contabilidade enviar recibos acompanhar empréstimos partilhar "
        "ficheiros preparar reuniões para cooperativas associações voluntários com relatórios mapas "
        "formulários pagamentos quotas "
    ),
    "ar": _listed(
        "إدارة الأعضاء مسك المحاسبة إرسال الوصولات متابعة القروض مشاركة الملفات تحضير الاجتماعات "
        "للتعاونيات الجمعيات المتطوعين مع تقارير خرائط استمارات مدفوعات اشتراكات "
    ),
}
_LICENSES = (
    "AGPL-3.0-or-later",
    "GPL-3.0-or-later",
    "MIT",
    "Apache-2.0",
    "GPL-2.0",
    "EUPL-1.2",
    "MPL-2.0",
    "BSD-3-Clause",
)
_COUNTRIES = _listed("FR ES PT BR MX AR MA TN SN CI CM ML BE CH CA IT DE GB US IN KE BO PE CO CL UY EC GT")


def many_index_rows(count: int, domains: tuple[str, ...], kinds: tuple[str, ...], seed: int = 1) -> Iterator[IndexRow]:
    """`count` rows in five languages, the same for the same arguments."""
    chance = random.Random(seed)
    for number in range(count):
        name = f"{chance.choice(_STARTS)}{chance.choice(_ENDS)} {number}"
        tags = chance.sample(list(_TEXTS), 2)
        summary = {tag: " ".join(chance.choices(_TEXTS[tag], k=10)) for tag in tags}
        description = {tag: " ".join(chance.choices(_TEXTS[tag], k=40)) for tag in tags}
        yield an_index_row(
            name,
            slug=f"project-{number}",
            summary=summary,
            description=description,
            domains=tuple(chance.sample(domains, 2)),
            made_for=tuple(chance.sample(kinds, 1)),
            audiences=(AudienceClaim(chance.choice(("seniors", "students", "women", "everyone"))),),
            license=chance.choice(_LICENSES),
            languages=tuple(chance.sample(("en", "fr", "es", "pt", "ar", "de", "it"), 3)),
            runs=Runs(online="https://example.org" if chance.random() < 0.3 else None, self_hosted="easy"),
            countries=tuple(chance.sample(_COUNTRIES, 2)),
            helper_countries=tuple(chance.sample(_COUNTRIES, 1)),
            confirmed_uses=int(chance.expovariate(1.5)),
            last_commit_at=NOW - timedelta(days=chance.randrange(2000)),
            changed_at=NOW - timedelta(minutes=chance.randrange(500_000)),
        )
