"""What an operator can set: each setting's reading, and that a wrong one is a sentence that names it."""

import re
from ipaddress import ip_network
from pathlib import Path

import pytest
from support.paths import ROOT

from forge.config.settings import Settings, UnusableSettings, from_environment, variable_name
from forge.mail.send import smtp_server
from forge.security.oidc import parse_provider


def refused(**settings):
    with pytest.raises(UnusableSettings) as caught:
        from_environment({variable_name(name): value for name, value in settings.items()})
    return caught.value.sentences


def test_an_empty_environment_gives_the_defaults():
    settings = from_environment({"PATH": "/bin", "FORGE_PORT": " "})
    assert settings == Settings()
    assert (settings.port, settings.mirror_max_bytes, settings.first_visit_seconds) == (8000, 10**9, 7200)
    assert settings.database_url == f"sqlite:///{Path('data/catalog.db').absolute()}"


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [("5", 5), ("500 MB", 500_000_000), ("1.5GB", 1_500_000_000), ("2 kb", 2000), ("1 TB", 10**12)],
)
def test_sizes_are_read_in_the_units_people_write(text, size_bytes):
    assert from_environment({"FORGE_MIRROR_MAX_BYTES": text}).mirror_max_bytes == size_bytes


def test_networks_are_a_list():
    settings = from_environment({"FORGE_ALLOW_NETWORKS": "127.0.0.1/32, fd00::/8,"})
    assert settings.allow_networks == (ip_network("127.0.0.1/32"), ip_network("fd00::/8"))


def test_a_base_url_loses_its_last_slash():
    assert from_environment({"FORGE_BASE_URL": "https://example.org/c/"}).base_url == "https://example.org/c"


@pytest.mark.parametrize(
    ("name", "text"),
    [("port", "70000"), ("port", "-1"), ("port", "http"), ("mirror_max_bytes", "much"), ("mirror_max_bytes", "-1"),
     ("mirrors_max_bytes", "1 XB"), ("allow_networks", "127.0.0.1/33"), ("allow_networks", "10.0.0.1/8"),
     ("proxies", "localhost"), ("base_url", "example.org"), ("base_url", "ftp://example.org"), ("mirror_jobs", "0"),
     ("base_url", "https://example.org/?a"), ("visit_seconds", "1.5")],
)  # fmt: skip
def test_what_cannot_be_read_is_a_sentence_that_names_the_setting_and_its_value(name, text):
    (sentence,) = refused(**{name: text})
    assert sentence.startswith(f"{variable_name(name)}: {text!r} cannot be used: ")


PASSWORDS = {
    "mail": [
        "smtp:/forge:s3cret-pw@mail.example.org", "smtp://forge:s3cret-pw/x@mail.example.org:587",
        "smtp://forge:s3cret-pw@mail.example.org:99999", "smtp://forge:x?s3cret-pw@mail.example.org",
        "smtp://forge:s3cret-pw@\u2100mail.example.org", "smtp://[forge:s3cret-pw@mail.example.org",
        "smpt://forge:s3cret-pw@mail.example.org", "smtp://forge:s3cret-pw@mail.example.org?from=s3cret-pw",
    ],
    "oidc": [
        "https:/client:s3cret-pw@login.example.org", "https://client:s3cret-pw/x@login.example.org/realm",
        "https://client:x?s3cret-pw@login.example.org", "https://client:s3cret-pw@\u2100login.example.org",
        "https://client:s3cret-pw@login.example.org:99999/realm", "ftp://client:s3cret-pw@login.example.org",
    ],
    "database": [
        "postgresql:/forge:s3cret-pw@db.example.org/name", "postgres://forge:s3cret-pw@db.example.org/name",
        "mysql://forge:s3cret-pw@db.example.org/name", "postgresql://forge:x@s3cret-pw@db.example.org/name",
        "postgresql://forge:x@y:s3cret-pw@db.example.org/name", "postgresql://forge:s3cret-pw@db.example.org:54x/name",
    ],
    "base_url": ["https://forge:s3cret-pw@catalog.example.org", "ftp://forge:s3cret-pw@catalog.example.org"],
    "source_url": ["https://forge:s3cret-pw@code.example.org/forge"],
    "metrics_token": ["s3cret-pw"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in PASSWORDS.items() for text in texts])
def test_a_password_in_a_setting_that_cannot_be_read_is_not_told(name, text):
    (sentence,) = refused(**{name: text})
    assert sentence.startswith(f"{variable_name(name)}: ") and "s3cret-pw" not in sentence
    assert re.search("write |install ", sentence)


def test_a_text_of_the_settings_holds_no_password():
    settings = from_environment({
        "FORGE_MAIL": "smtp://forge:s3cret-pw@mail.example.org",
        "FORGE_OIDC": "https://client:s3cret-pw@login.example.org/realm",
        "FORGE_DATABASE": "postgresql://forge:s3cret-pw@db.example.org/name",
        "FORGE_SECRET": "s3cret-pw", "FORGE_METRICS_TOKEN": "s3cret-pw-of-metrics",
    })  # fmt: skip
    assert "s3cret-pw" not in f"{settings!r}{smtp_server(settings.mail)!r}{parse_provider(settings.oidc)!r}"
    assert settings.mail.endswith("@mail.example.org") and settings.database.endswith("/name")


def test_every_wrong_setting_is_told_at_once():
    sentences = refused(port="x", mirror_jobs="y", databse="z")
    assert len(sentences) == 3
    assert "FORGE_DATABSE" in sentences[0]


def test_settings_cannot_be_changed():
    with pytest.raises(AttributeError):
        Settings().port = 1


def test_the_program_s_code_is_where_publiccode_says_unless_that_is_a_reserved_example():
    stated = re.search(r"^url: (\S+)$", (ROOT / "publiccode.yml").read_text(), re.MULTILINE)[1]
    assert Settings().source_url == (None if "example.org" in stated else stated)
    assert from_environment({"FORGE_SOURCE_URL": "https://code.example.net/forge"}).source_url
