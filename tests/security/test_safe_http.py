"""Which remote addresses may be contacted: spellings, resolution, redirects, and one guarded exchange."""

import ipaddress
import socket
import ssl
import subprocess
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hosts.git_origin import an_origin

from forge.security.safe_http import AddressRules, Refused, Unreachable, is_public, safe_text

STRICT = AddressRules()
LOOPBACK = AddressRules((ipaddress.ip_network("127.0.0.1/32"),))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://Example.ORG/a/b.git", "https://example.org/a/b.git"),
        ("https://example.org:443/a/b/", "https://example.org/a/b"),
        ("HTTPS://example.org./a", "https://example.org/a"),
        ("https://example.org/é", "https://example.org/%C3%A9"),
        ("https://example.org/a/-/b", "https://example.org/a/-/b"),
    ],
)
def test_an_address_has_one_spelling(written, kept):
    assert STRICT.canonical(written) == kept
    assert STRICT.canonical(kept) == kept


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a", "git://example.org/a", "ssh://example.org/a", "git@example.org:a/b", "file:///etc/passwd",
        "/etc/passwd", "ext::sh -c id", "fd::3", "--upload-pack=id", "-oProxyCommand=id", "https://u:p@example.org/a",
        "https://u@example.org/a", "https://example.org:8443/a", "https://example.org:80/a", "https://example.org/a?b",
        "https://example.org/a#b", "https://example.org/a?", "https://example.org/a#", "https://example.org/../a",
        "https://example.org/a/%2e%2E/b", "https://example.org/a/./b", "https://example.org/", "https://example.org",
        "https://example.org/a b", "https://example.org/a\nb", "https://example.org/a%0ab", "https://example.org/a\x7f",
        "https://example.org/a\\b", "https://example.org/a%5cb", "https://example.org/" + "a" * 512, "https:///a",
        "https://-example.org/a", "https://exa_mple.org/a", "https://example..org/a", "https://.org/a", "https://exämple.org/a",
        "https://\u212aasse.org/a",
        "https://127.0.0.1/a", "https://127.1/a", "https://2130706433/a", "https://0x7f000001/a", "https://0177.0.0.1/a",
        "https://127.0.0.0x1/a", "https://[::1]/a", "https://[::ffff:127.0.0.1]/a", "https://8.8.8.8/a", "https://a.0/a",
        "https://example.org:99999/a", "https://[::1/a", "https://example.org:/../a", "", "https://", "ftp://example.org/a",
        "https://" + "a." * 127 + "org/a", "https://" + "a" * 64 + ".org/a",
    ],
)  # fmt: skip
def test_what_is_not_a_plain_https_address_is_refused_with_a_sentence(url):
    with pytest.raises(Refused) as no:
        STRICT.vet(url)
    assert no.value.reason.endswith(".")
    assert "p@" not in no.value.url and "\n" not in no.value.url


@given(st.text(max_size=80))
def test_any_text_is_either_refused_or_has_a_stable_spelling(text):
    for rest in (text, f"https://example.org/{text}", f"https://{text}/a"):
        try:
            kept = STRICT.canonical(rest)
        except Refused:
            continue
        assert kept.startswith("https://") and kept.isascii() and STRICT.canonical(kept) == kept


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.0.0.1", "192.0.2.1",
        "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "168.63.129.16", "::", "::1", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
        "2001::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "fc00::1", "fd12::1",
        "fe80::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "4000::1",
    ],
)  # fmt: skip
def test_no_reserved_address_is_public(address):
    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(Refused, match="public"):
        STRICT.judged("https://example.org/a", [ipaddress.ip_address("9.9.9.9"), ipaddress.ip_address(address)])


def test_public_addresses_are_pinned_all_of_them():
    answers = [ipaddress.ip_address(text) for text in ("9.9.9.9", "2620:fe::9", "::ffff:9.9.9.9")]
    vetted = STRICT.judged("https://Example.org/a", answers)
    assert (vetted.host, vetted.port, vetted.addresses) == ("example.org", 443, ("9.9.9.9", "2620:fe::9"))


def test_a_name_without_answers_is_refused():
    with pytest.raises(Refused, match="cannot be found"):
        STRICT.judged("https://example.org/a", [])
    with pytest.raises(Refused, match="cannot be found"):
        STRICT.vet("https://no-such-host.invalid/a")


def test_a_name_that_resolves_to_this_machine_is_refused():
    with pytest.raises(Refused, match="public"):
        STRICT.vet("https://localhost/a")


def test_in_allowed_networks_and_only_there_http_literals_and_ports_are_taken():
    assert LOOPBACK.vet("http://127.0.0.1:81/a").addresses == ("127.0.0.1",)
    for url in ("http://127.0.0.2:81/a", "https://127.0.0.2/a", "http://[::1]/a"):
        with pytest.raises(Refused):
            LOOPBACK.vet(url)
    with pytest.raises(Refused):
        LOOPBACK.judged("http://example.org/a", [ipaddress.ip_address("9.9.9.9")])
    with pytest.raises(Refused):
        LOOPBACK.judged("https://example.org:444/a", [ipaddress.ip_address("9.9.9.9")])


def test_text_of_a_remote_loses_control_characters_and_credentials():
    assert safe_text("\x1b[31mfatal: https://user:secret@host/x\x07\u202e") == "[31mfatal: https://host/x"
    assert len(safe_text("x" * 1000)) == 300


def test_redirects_are_followed_as_far_as_the_rules_allow(tmp_path):
    with an_origin(tmp_path) as origin, an_origin(tmp_path, "127.0.0.2") as forbidden:
        origin.redirect_to = origin.url("page/")
        assert LOOPBACK.follow(origin.url("redirect/x")).url == origin.url("page/x")
        origin.redirect_to = forbidden.url("page/")
        with pytest.raises(Refused):
            LOOPBACK.follow(origin.url("redirect/x"))
        origin.redirect_to = "/redirect/"
        with pytest.raises(Refused, match="too often"):
            LOOPBACK.follow(origin.url("redirect/x"))
        origin.redirect_to = "file:///etc/passwd?"
        with pytest.raises(Refused):
            LOOPBACK.follow(origin.url("redirect/x"))
        assert not forbidden.requests
        assert len([seen for seen in origin.requests if seen == "GET /redirect/x"]) == 9


def test_a_redirect_never_leads_from_https_to_http():
    with pytest.raises(Refused, match="unprotected"):
        LOOPBACK.redirected("https://example.org/a", "http://example.org/a")


@pytest.mark.parametrize(("mode", "word"), [("silent", "in time"), ("slow", "in time"), ("garbage", "understood")])
def test_an_answer_that_is_none_ends_in_time(tmp_path, mode, word):
    with an_origin(tmp_path) as origin:
        began = time.monotonic()
        with pytest.raises(Unreachable, match=word):
            LOOPBACK.request("GET", origin.url(f"{mode}/x"), timeout_seconds=0.3 if word == "in time" else 20)
        assert time.monotonic() - began < 20


def test_an_answer_is_read_only_as_far_as_asked(tmp_path):
    with an_origin(tmp_path) as origin:
        with pytest.raises(Unreachable, match="too long"):
            LOOPBACK.request("GET", origin.url("page/x"), max_bytes=5)
        assert LOOPBACK.request("GET", origin.url("page/x"), max_bytes=18).body == b"<html>hello</html>"


def test_a_closed_port_is_unreachable():
    with socket.socket() as held:  # who has it and does not listen refuses, and nobody else takes it meanwhile
        held.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match="does not answer"):
            LOOPBACK.request("GET", f"http://127.0.0.1:{held.getsockname()[1]}/a")


def test_a_proxy_in_the_environment_is_not_used(tmp_path, monkeypatch):
    with an_origin(tmp_path) as origin, an_origin(tmp_path, "127.0.0.2") as proxy:
        monkeypatch.setenv("http_proxy", proxy.url(""))
        assert LOOPBACK.request("GET", origin.url("page/x")).status == 200
        assert not proxy.requests


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-made authority's certificate for the name `localhost`."""
    folder = tmp_path_factory.mktemp("tls")
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    make += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = [*make, "-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run(made, check=True, capture_output=True)
    return folder


def test_the_certificate_must_be_the_names_and_from_a_known_authority(tmp_path, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with an_origin(tmp_path) as origin:
        origin.socket = context.wrap_socket(origin.socket, server_side=True)
        port = origin.server_address[1]
        networks = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
        trusting = AddressRules(networks, ca_file=certificate / "cert.pem")
        assert trusting.request("GET", f"https://localhost:{port}/page/x").status == 200
        for rules, host in ((AddressRules(networks), "localhost"), (trusting, "127.0.0.1")):
            with pytest.raises(Unreachable, match="certificate"):
                rules.request("GET", f"https://{host}:{port}/page/x")


def test_a_slow_drip_of_headers_does_not_hold_a_thread_for_ever(tmp_path):
    before = threading.active_count()
    with an_origin(tmp_path) as origin, pytest.raises(Unreachable):
        LOOPBACK.request("GET", origin.url("slow/x"), timeout_seconds=0.2)
    deadline = time.monotonic() + 20  # the origin's own thread, which drips, ends a moment later
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before
