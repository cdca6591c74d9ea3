"""Signing in by a network's own provider: a real one on loopback, whose tokens are right or wrong in one way each."""

import base64
import hashlib
import json
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from support.client import Client
from support.factories.core import NOW, later
from support.serving import served
from support.world import a_client, a_site, fill

from catalog.store.core.engine import reading
from catalog.tables.people import person, session
from forge.config.settings import UnusableSettings, from_environment
from forge.security.oidc import LIFETIME, SignIn, parse_provider
from forge.security.safe_http import AddressRules

CLIENT, SECRET = "forge client", "s%cret:/"
LOOPBACK = from_environment({"FORGE_ALLOW_NETWORKS": "127.0.0.0/8"}).allow_networks


class Issuer:
    """A small provider: it says `claims` changed by what a test wants, once for each code."""

    def __init__(self):
        self.key, self.other = (RSAKey.generate_key(2048, {"kid": name, "use": "sig"}) for name in ("a", "b"))
        self.signing, self.header, self.changes, self.about = self.key, {"alg": "RS256", "kid": "a"}, {}, {}
        self.served, self.codes, self.asked = [self.key], {}, []
        self.issuer = ""

    def app(self):
        return Starlette(
            routes=[
                Route("/realm/.well-known/openid-configuration", self.configuration),
                Route("/realm/keys", self.keys),
                Route("/realm/token", self.token, methods=["POST"]),
            ]
        )

    def configuration(self, request):
        self.asked.append("configuration")
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        told = {"issuer": self.issuer} | {name: f"{self.issuer}/{path}" for name, path in ends.items()}
        return JSONResponse(told | self.about)

    def keys(self, request):
        self.asked.append("keys")
        return JSONResponse(KeySet(self.served).as_dict(private=False))

    async def token(self, request):
        form = parse_qs((await request.body()).decode())
        pair = base64.b64decode(request.headers.get("authorization", "Basic ").removeprefix("Basic ")).decode()
        if pair != "forge%20client:s%25cret%3A%2F":
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self.codes.pop(form["code"][0], None)
        verifier = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        if asked is None or asked["code_challenge"] != base64.urlsafe_b64encode(verifier).decode().rstrip("="):
            return JSONResponse({"error": "invalid_grant"}, 400)
        assert form["redirect_uri"] == [asked["redirect_uri"]] and asked["code_challenge_method"] == "S256"
        moment = int(NOW.timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "1", "iat": moment, "exp": moment + 300}
        claims |= {"nonce": asked["nonce"], "email": "Ana@Example.org", "email_verified": True} | self.changes
        claims = {name: value for name, value in claims.items() if value is not None}
        return JSONResponse({"id_token": jwt.encode(self.header, claims, self.signing), "token_type": "Bearer"})

    def agrees(self, address):
        """The reader signs in there: the query that leads back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code" and asked["scope"] == "openid email" and asked["client_id"] == CLIENT
        code = f"code-{len(self.codes)}-{time.monotonic_ns()}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}


@pytest.fixture
def issuer():
    issuer = Issuer()
    with served(issuer.app()) as base:
        issuer.issuer = f"{base}/realm"
        yield issuer


@pytest.fixture
def client(issuer, sqlite_store, tmp_path):
    fill(sqlite_store)
    setting = issuer.issuer.replace("http://", "http://forge%20client:s%25cret%3A%2F@")
    with a_site(sqlite_store, tmp_path / "data", oidc=setting, allow_networks=LOOPBACK) as app:
        yield a_client(app)


def rows(store, table):
    with reading(store.engine) as connection:
        return connection.execute(select(table)).all()


def there(client, going=""):
    answer = client.get("/fr/sign-in/network", params={"next": going} if going else {})
    assert answer.status_code == 303 and "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=lax" in answer.headers["set-cookie"] and answer.headers["cache-control"] == "private, no-store"
    return answer.headers["location"]


def test_a_verified_address_signs_in_and_goes_on(client, issuer, sqlite_store):
    assert "127.0.0.1" in client.get("/fr/sign-in").text and "/fr/sign-in/network" in client.get("/fr/sign-in").text
    answer = client.get("/sign-in/back", params=issuer.agrees(there(client, "/fr/me/delete")))
    assert (answer.status_code, answer.headers["location"]) == (303, "/fr/me/delete")
    assert [row.email for row in rows(sqlite_store, person)] == ["ana@example.org"]
    assert "ana@example.org" in client.get("/fr/me").text and len(rows(sqlite_store, session)) == 1
    again = client.get("/sign-in/back", params=issuer.agrees(there(client, "//evil.example")))
    assert again.headers["location"] == "/fr/me" and len(rows(sqlite_store, person)) == 1


MOMENT = int(NOW.timestamp())


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"aud": None}, {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"}, {"iss": "https://evil.example"}, {"iss": None},
        {"exp": MOMENT - 61}, {"exp": None}, {"exp": "9999999999"}, {"iat": MOMENT + 61}, {"iat": None},
        {"email_verified": False}, {"email_verified": None}, {"email_verified": "true"}, {"email": None},
        {"email": "no address"}, {"email": ["ana@example.org"]},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_that_is_wrong_in_one_way_signs_nobody_in(client, issuer, sqlite_store, changes):
    issuer.changes = changes
    answer = client.get("/sign-in/back", params=issuer.agrees(there(client)))
    assert answer.status_code == 403 and '<a class="button" href="/' in answer.text
    assert rows(sqlite_store, person) == [] == rows(sqlite_store, session)


@pytest.mark.parametrize(
    ("verified", "owner"),
    [
        ("admin@ex\u200dample.org", "admin@example.org"),  # zero width joiner
        ("admin@ex\u200cample.org", "admin@example.org"),
        ("admin@ex\u00adample.org", "admin@example.org"),  # soft hyphen
        ("admin@ex\u2060ample.org", "admin@example.org"),  # word joiner
        ("admin@example\ufe0f.org", "admin@example.org"),  # variation selector
        ("admin@stra\u00dfe.org", "admin@strasse.org"),
        ("admin@stra\u1e9ee.org", "admin@strasse.org"),
        ("admin@\uff45xample.org", "admin@example.org"),  # full width
        ("admin@example\u3002org", "admin@example.org"),  # ideographic full stop
        ("admin@example.or\u24d6", "admin@example.org"),  # a letter in a circle
        ("admin@\u212aasse.org", "admin@kasse.org"),  # the sign of Kelvin
        ("admin@ka\u017fse.org", "admin@kasse.org"),  # long s
        ("\uff41dmin@example.org", "admin@example.org"),
        ("adm\u0131n@example.org", "admin@example.org"),  # dotless i
        ("ad\u200bmin@example.org", "admin@example.org"),
        ("ad.min@example.org", "admin@example.org"),
        ("admin\uff20example.org", "admin@example.org"),
        ("admin@example.org\u200b", "admin@example.org"),
    ],
    ids=ascii,
)
def test_an_address_that_looks_like_another_does_not_open_its_account(client, issuer, sqlite_store, verified, owner):
    issuer.changes = {"email": owner}
    assert client.get("/sign-in/back", params=issuer.agrees(there(client))).status_code == 303
    client.cookies.clear()
    issuer.changes = {"email": verified}
    client.get("/sign-in/back", params=issuer.agrees(there(client)))
    mine = client.get("/fr/me")
    assert owner not in mine.text
    theirs = [row.id for row in rows(sqlite_store, person) if row.email == owner]
    assert [row.person_id in theirs for row in rows(sqlite_store, session)].count(True) == 1  # the owner's own


def test_only_the_provider_s_own_keys_sign(client, issuer, sqlite_store):
    issuer.signing = issuer.other
    assert client.get("/sign-in/back", params=issuer.agrees(there(client))).status_code == 403
    shared = OctKey.import_key(SECRET.ljust(32, "x"))
    issuer.signing, issuer.header = shared, {"alg": "HS256"}
    assert client.get("/sign-in/back", params=issuer.agrees(there(client))).status_code == 403
    assert rows(sqlite_store, person) == []


def test_a_provider_may_change_its_keys(client, issuer, sqlite_store):
    client.get("/sign-in/back", params=issuer.agrees(there(client)))
    issuer.signing, issuer.header, issuer.served = issuer.other, {"alg": "RS256", "kid": "b"}, [issuer.other]
    assert client.get("/sign-in/back", params=issuer.agrees(there(client))).status_code == 303
    assert issuer.asked == ["configuration", "keys", "keys"]  # kept for an hour, and asked again where none fits


def test_an_answer_counts_once_and_in_the_browser_that_began(client, issuer, sqlite_store):
    query = issuer.agrees(there(client))
    elsewhere = Client(client.app, follow_redirects=False)
    assert elsewhere.get("/sign-in/back", params=query).status_code == 403
    for wrong in ({"state": "x"}, {"iss": "https://evil.example"}, {"code": "guessed"}):
        assert client.get("/sign-in/back", params=query | wrong).status_code == 403
    assert client.get("/sign-in/back", params={"state": query["state"], "error": "<script>"}).status_code == 403
    assert client.get("/sign-in/back", params=query).status_code == 303
    assert client.get("/sign-in/back", params=query).status_code == 403
    assert len(rows(sqlite_store, session)) == 1


def test_what_the_browser_keeps_is_signed_and_ends(issuer):
    sign_in = SignIn(parse_provider(issuer.issuer.replace("http://", "http://a:b@")), AddressRules(LOOPBACK), b"s" * 32)
    _, cookie = sign_in.begin("http://testserver/sign-in/back", {"next": ""}, now=NOW)
    text, _, digest = cookie.partition(".")
    kept = json.loads(base64.urlsafe_b64decode(text)) | {"next": "//evil.example"}
    forged = base64.urlsafe_b64encode(json.dumps(kept).encode()).decode()
    for cookie_, now in ((f"{forged}.{digest}", NOW), ("", NOW), (".", NOW), (cookie, NOW + LIFETIME * 2)):
        with pytest.raises(Exception, match=r"browser kept nothing|too long"):
            sign_in.finish(cookie_, {"state": kept["state"], "code": "x"}, "http://testserver/sign-in/back", now=now)


@pytest.mark.parametrize(
    "about",
    [{"issuer": "https://evil.example"}, {"token_endpoint": None}, {"jwks_uri": 7},
     {"authorization_endpoint": "javascript:alert(1)"}, {"authorization_endpoint": "http://10.0.0.1/"}],
    ids=str,
)  # fmt: skip
def test_a_provider_that_calls_itself_otherwise_is_not_believed(client, issuer, about):
    issuer.about = about
    assert client.get("/fr/sign-in/network").status_code == 403


def test_the_provider_is_contacted_by_the_rules_for_remotes(issuer):
    sign_in = SignIn(parse_provider(issuer.issuer.replace("http://", "http://a:b@")), AddressRules(), b"s" * 32)
    with pytest.raises(Exception, match="Only https"):
        sign_in.begin("http://testserver/sign-in/back", {}, now=later())
    assert issuer.asked == []


def test_without_the_setting_there_is_none(sqlite_store, tmp_path):
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data") as app:
        client = a_client(app)
        assert client.get("/fr/sign-in/network").status_code == 404 == client.get("/sign-in/back").status_code
        assert "/sign-in/network" not in client.get("/fr/sign-in").text


@pytest.mark.parametrize("value", ["https://login.example.org", "https://a@login.example.org", "ldap://a:b@x", "x"])
def test_a_setting_that_cannot_be_read_says_what_to_write(value):
    with pytest.raises(UnusableSettings, match="CLIENT:SECRET"):
        from_environment({"FORGE_OIDC": value})
