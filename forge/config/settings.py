"""What an operator can set, from the environment, as one frozen dataclass. Nothing else reads a setting.

Every setting is a row: name, default, what it does. The table in docs/operate.md is made from these rows.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from forge.config.mail_server import parse_mail_server, sender_address

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
TOKEN_CHARACTERS = 16  # at least
SOURCE: str | None = None  # the address in publiccode.yml, once that is no reserved example; a test compares them
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)\Z")


class UnusableSettings(Exception):
    """Settings that cannot be used: one sentence a setting, each naming it and saying what to write."""

    def __init__(self, sentences: list[str]):
        super().__init__("\n".join(sentences))
        self.sentences = sentences


def _setting(parse: Callable[[str], Any], default: Any, example: str, does: str, *, secret: bool = False) -> Any:
    """Make a row; what is `secret` is in no message, and in no text of the settings."""
    return field(
        default=default, repr=not secret, metadata={"read": parse, "shown": example, "does": does, "secret": secret}
    )


def _text(value: str) -> str:
    return value


def _port(value: str) -> int:
    if not value.isdecimal() or int(value) > 65_535:
        raise ValueError("write a number from 0 to 65535")
    return int(value)


def _count(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise ValueError("write a whole number from 1")
    return int(value)


def size_in_bytes(value: str) -> int:
    """ "500 MB" as a number. Raises ValueError, saying what to write."""
    match = _SIZE.match(value.strip())
    if not match or match[2].upper() not in _UNITS:
        raise ValueError("write a size such as 500 MB or 1 GB")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def _networks(value: str) -> tuple[Network, ...]:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    try:
        return tuple(ipaddress.ip_network(part) for part in parts)
    except ValueError as wrong:
        raise ValueError(f"write networks such as 10.0.0.0/8,fd00::/8 ({wrong})") from None


def _base_url(value: str) -> str:
    advice = "write an address such as https://catalog.example.org"
    try:
        address = urlsplit(value)
    except ValueError:
        raise ValueError(advice) from None
    if address.scheme not in ("http", "https") or not address.netloc or address.query or address.fragment:
        raise ValueError(advice)
    if "@" in address.netloc:  # everybody reads these addresses
        raise ValueError(f"{advice}, without a user name or a password")
    return value.rstrip("/")


def _database(value: str) -> str:
    from catalog.store.core import database_url

    database_url.parse_database_url(value)  # raises ValueError, saying what to write
    return value


def _token(value: str) -> str:
    if len(value) < TOKEN_CHARACTERS or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(f"write at least {TOKEN_CHARACTERS} letters and digits, such as `openssl rand -hex 32` gives")
    return value


def _ca_file(value: str) -> Path:
    import ssl

    try:
        ssl.create_default_context(cafile=value)
    except OSError as wrong:  # also of what holds no certificate
        reason = wrong.strerror or "it holds no certificate"
        raise ValueError(f"name a file of certificates (PEM) that the user of Forge can read ({reason})") from None
    return Path(value)


def _mail(value: str) -> str:
    parse_mail_server(value)  # raises ValueError, saying what to write
    return value


def _oidc(value: str) -> str:
    from importlib.util import find_spec

    from forge.security.oidc import parse_provider

    parse_provider(value)  # raises ValueError, saying what to write
    if find_spec("authlib") is None:
        raise ValueError("install the extra oidc first: pip install 'forge-catalogue[oidc]'")
    return value


@dataclass(frozen=True)
class Settings:
    catalog: Path = _setting(Path, Path("catalog.yaml"), "`catalog.yaml`", "The document that this instance loads.")
    data: Path = _setting(Path, Path("data"), "`./data`", "The data folder: database, mirrors, search index.")
    database: str | None = _setting(
        _database,
        None,
        "a SQLite file in the data folder",
        "`postgresql://user@host/name` for PostgreSQL.",
        secret=True,
    )
    base_url: str | None = _setting(
        _base_url,
        None,
        "none",
        "The public address, for all links that leave the site. Needed on a host that is not loopback.",
    )
    source_url: str | None = _setting(
        _base_url,
        SOURCE,
        "none",
        "Where the code of this program is, as it runs here; the foot of each page leads there, which its licence "
        "(AGPL, section 13) asks of whoever changed it.",
    )
    host: str = _setting(_text, "127.0.0.1", "`127.0.0.1`", "The address that `forge serve` listens on.")
    port: int = _setting(_port, 8000, "`8000`", "Its port.")
    proxies: tuple[Network, ...] = _setting(
        _networks, (), "none", "Networks of proxies whose forwarded address is believed, comma-separated."
    )
    allow_networks: tuple[Network, ...] = _setting(
        _networks,
        (),
        "none",
        "Networks in which remotes may also be http, IP literals and any port; comma-separated, for intranets.",
    )
    ca_file: Path | None = _setting(_ca_file, None, "none", "An extra certificate authority for remotes.")
    mirror_max_bytes: int = _setting(size_in_bytes, 10**9, "`1 GB`", "The largest mirror.")
    mirrors_max_bytes: int = _setting(
        size_in_bytes,
        10**9,
        "`1 GB`",
        "The room for all mirrors: of selections and solidarity finance first, then of the most used programs; the "
        "last tenth of the disk is never used.",
    )
    mirror_jobs: int = _setting(_count, 2, "`2`", "How many repositories are fetched at once.")
    visit_seconds: int = _setting(
        _count, 900, "`900`", "The longest visit of a mirror; a first one may take 8 times as long."
    )
    mail: str | None = _setting(
        _mail,
        None,
        "kept in the data folder's outbox",
        "The mail server, `smtp://user:password@host:587` or `smtps://…`; "
        "`?from=catalog@example.org` sets the address that messages come from.",
        secret=True,
    )
    oidc: str | None = _setting(
        _oidc,
        None,
        "none",
        "A network's own sign-in (OpenID Connect, extra `oidc`): the issuer's address with client and secret, "
        "`https://CLIENT:SECRET@login.example.org/realm`; its way back is `/sign-in/back`.",
        secret=True,
    )
    secret: str | None = _setting(
        _text,
        None,
        "made and kept in the data folder",
        "What keys digests of addresses; the same on all machines.",
        secret=True,
    )
    withdrawals: Path | None = _setting(
        Path,
        None,
        "the data folder",
        "A folder to which is copied what people take back, as they do: on another disk, a restore knows it when this "
        "one is lost.",
    )
    exchange_seconds: int = _setting(
        _count,
        1800,
        "`1800`",
        "How long news wait before other catalogues are told; what was taken back is told within half a minute.",
    )
    metrics_token: str | None = _setting(
        _token,
        None,
        "`/metrics` is no address",
        "What a program that watches the service shows to read `/metrics`: `Authorization: Bearer TOKEN`.",
        secret=True,
    )

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{(self.data / 'catalog.db').absolute()}"

    @property
    def here(self) -> str:
        """The address of this instance: the public one, else where it listens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.base_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def mail_sender(self) -> str:
        """The address that messages come from: what `mail` says, else no-reply at the public address."""
        host = urlsplit(self.base_url or "").hostname or "localhost"
        return (self.mail and sender_address(self.mail)) or f"no-reply@{host}"

    @property
    def mirrors(self) -> Path:
        return self.data / "mirrors"

    @property
    def withdrawals_folder(self) -> Path:
        """Where the journal of withdrawals lies."""
        return self.withdrawals or self.data

    @property
    def drafts(self) -> Path:
        """Where proposed repositories lie while they are previewed."""
        return self.data / "drafts"

    @property
    def peers(self) -> Path:
        """The last signed files of other catalogues that are read here."""
        return self.data / "peers"

    @property
    def search(self) -> Path:
        return self.data / "search"

    @property
    def compiled(self) -> Path:
        """Templates as they were compiled at an earlier start."""
        return self.data / "compiled"

    @property
    def first_visit_seconds(self) -> int:
        return self.visit_seconds * 8  # 7,200 by default


def variable_name(name: str) -> str:
    return f"FORGE_{name.upper()}"


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Settings with what the environment says; an empty variable counts as unset.

    Raises UnusableSettings with a sentence for each variable that cannot be read, and for FORGE_ names that do not
    exist.
    """
    values: dict[str, Any] = {}
    problems = []
    rows = {variable_name(row.name): row for row in fields(Settings)}
    for name in sorted(environment):
        if name.startswith("FORGE_") and name not in rows:
            problems.append(f"{name}: there is no such setting. docs/operate.md lists them.")
    for name, row in rows.items():
        text = environment.get(name, "").strip()
        if not text:
            continue
        try:
            values[row.name] = row.metadata["read"](text)
        except ValueError as wrong:
            # A password is printed on no terminal and in no log; an @ may follow one in any address.
            value_text = "what it holds" if row.metadata["secret"] or "@" in text else repr(text)
            problems.append(f"{name}: {value_text} cannot be used: {wrong}.")
    if problems:
        raise UnusableSettings(problems)
    return Settings(**values)
