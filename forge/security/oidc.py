"""Signs in by a provider that a network runs already: OpenID Connect, authorization code with PKCE. It stores nothing.

This is the only module in which the web contacts another host during a request: the provider's code is valid for
seconds, too short to wait for a job of the worker. Like every other contact it goes through `safe_http`, bounded in
time and size, and only to the provider that the operator named, never to a host that a reader names. Without
`FORGE_OIDC` none of it runs. Only an address that the provider verified signs in.
https://openid.net/specs/openid-connect-core-1_0.html https://www.rfc-editor.org/rfc/rfc9700
"""

import base64
import hmac
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

from forge.security.safe_http import AddressRules, Unreachable
from forge.security.safe_http import Refused as NotAllowed
from forge.security.secret import keyed_digest

PATH = "/.well-known/openid-configuration"
LIFETIME = timedelta(minutes=10)  # from the press of the button to the return
KEPT = timedelta(hours=1)  # for the provider's configuration, and its keys
LEEWAY = timedelta(seconds=60)  # between two clocks
SECONDS, MAX_BYTES = 10.0, 256 << 10
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")  # never "none", never one that a shared secret signs


class SignInRefused(Exception):
    """This sign-in is not valid; the reason is for the log."""


@dataclass(frozen=True)
class Provider:
    issuer: str
    client: str
    secret: str = field(repr=False)


def parse_provider(url: str) -> Provider:
    """The provider of a setting. Raises ValueError, saying what to write."""
    advice = "write https://CLIENT:SECRET@ and the rest of the issuer's address"
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  raises for what is no port
    except ValueError:  # whose text may hold a part of the secret
        raise ValueError(advice) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not parts.username or not parts.password:
        raise ValueError(advice)
    issuer = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    return Provider(issuer, unquote(parts.username), unquote(parts.password))


class SignIn:
    """One provider, for all requests of a process. `secret` signs the cookie that the browser keeps meanwhile."""

    def __init__(self, provider: Provider, addresses: AddressRules, secret: bytes):
        self.provider, self._addresses, self._secret = provider, addresses, secret
        self._lock = threading.Lock()
        self._remembered: dict[str, tuple[datetime, dict[str, Any]]] = {}

    @property
    def host(self) -> str:
        return urlsplit(self.provider.issuer).hostname or ""

    def begin(self, back: str, values: Mapping[str, str], *, now: datetime) -> tuple[str, str]:
        """The address to which the browser goes, and its cookie until it returns to `back`; `finish` returns `values`.
        Raises Refused."""
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        about = self._configuration(now)
        secrets_of_attempt = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        query = {
            "response_type": "code",
            "client_id": self.provider.client,
            "redirect_uri": back,
            "scope": "openid email",
            "state": secrets_of_attempt["state"],
            "nonce": secrets_of_attempt["nonce"],
            "code_challenge": create_s256_code_challenge(secrets_of_attempt["verifier"]),
            "code_challenge_method": "S256",
        }
        endpoint = about["authorization_endpoint"]
        address = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"
        return address, self._signed_cookie({**values, **secrets_of_attempt, "at": now.isoformat()})

    def finish(
        self, cookie: str, answer: Mapping[str, str], back: str, *, now: datetime
    ) -> tuple[str, Mapping[str, str]]:
        """The verified address of the person who returned, and what `begin` was given as `values`. Raises Refused."""
        attempt = self._read_cookie(cookie, now)
        if not hmac.compare_digest(answer.get("state", "").encode(), attempt["state"].encode()):
            raise SignInRefused("the answer belongs to another browser")
        if answer.get("iss", self.provider.issuer) != self.provider.issuer:  # RFC 9207
            raise SignInRefused("the answer comes from another provider")
        if "code" not in answer:
            raise SignInRefused(f"the provider said no: {answer.get('error', '')[:80]!a}")
        about = self._configuration(now)
        token = self._exchange_code(about, answer["code"], attempt["verifier"], back)
        return self._verified_email(self._verified_claims(about, token, now), attempt["nonce"], now), attempt

    def _exchange_code(self, about: Mapping[str, Any], code: str, verifier: str, back: str) -> str:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        ways = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if "client_secret_basic" in ways:
            pair = f"{quote(self.provider.client, safe='')}:{quote(self.provider.secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self.provider.client, "client_secret": self.provider.secret}
        result = self._fetch_json("POST", about["token_endpoint"], urlencode(form).encode(), headers)
        token = result.get("id_token")
        if not isinstance(token, str):
            raise SignInRefused("the provider gave no id_token")
        return token

    def _verified_claims(self, about: Mapping[str, Any], token: str, now: datetime) -> Mapping[str, Any]:
        """The claims of a token that one of the provider's keys signed; keys are fetched again once when none fits."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        for again in (False, True):
            try:
                keys = KeySet.import_key_set(self._get_remembered(about["jwks_uri"], now, again=again))  # type: ignore[arg-type]
                return jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
            except (JoseError, ValueError, KeyError, TypeError) as error:
                if again:
                    raise SignInRefused(f"the token is not signed by the provider: {type(error).__name__}") from error
        raise AssertionError  # the second time returned or raised

    def _verified_email(self, claims: Mapping[str, Any], nonce: str, now: datetime) -> str:
        audience, moment = claims.get("aud"), now.timestamp()
        audiences = audience if isinstance(audience, list) else [audience]
        until, since, token_nonce = claims.get("exp"), claims.get("iat"), claims.get("nonce")
        if claims.get("iss") != self.provider.issuer:
            raise SignInRefused("the token is another issuer's")
        if self.provider.client not in audiences or (len(audiences) > 1 and claims.get("azp") != self.provider.client):
            raise SignInRefused("the token is for another client")
        if not isinstance(until, int | float) or until + LEEWAY.total_seconds() <= moment:
            raise SignInRefused("the token is too old")
        if not isinstance(since, int | float) or since - LEEWAY.total_seconds() > moment:
            raise SignInRefused("the token is not yet good")
        if not isinstance(token_nonce, str) or not hmac.compare_digest(token_nonce.encode(), nonce.encode()):
            raise SignInRefused("the token answers another question")
        email = claims.get("email")
        if claims.get("email_verified") is not True or not isinstance(email, str):
            raise SignInRefused("the provider has not verified the address")
        return email

    def _configuration(self, now: datetime) -> Mapping[str, Any]:
        """The provider's configuration. Raises Refused."""
        about = self._get_remembered(self.provider.issuer.rstrip("/") + PATH, now)
        if about.get("issuer") != self.provider.issuer:
            raise SignInRefused("the provider calls itself otherwise than FORGE_OIDC does")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(about.get(name), str):
                raise SignInRefused(f"the provider names no {name}")
        try:
            self._addresses.vet(about["authorization_endpoint"], query=True)  # the reader is sent there
        except NotAllowed as error:
            raise SignInRefused(error.reason) from error
        return about

    def _get_remembered(self, url: str, now: datetime, *, again: bool = False) -> dict[str, Any]:
        with self._lock:
            remembered = self._remembered.get(url)
        if remembered is not None and not again and now - remembered[0] < KEPT:
            return remembered[1]
        result = self._fetch_json("GET", url, None, {"Accept": "application/json"})
        with self._lock:
            self._remembered[url] = (now, result)
        return result

    def _fetch_json(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
        try:
            answer = self._addresses.request(
                method, url, body=body, headers=headers, max_bytes=MAX_BYTES, timeout_seconds=SECONDS
            )
        except (NotAllowed, Unreachable) as error:
            raise SignInRefused(error.reason) from error
        try:
            result = json.loads(answer.body) if answer.status == 200 else None
        except (ValueError, RecursionError):
            result = None
        if not isinstance(result, dict):
            raise SignInRefused(f"the provider answers {answer.status}, which is no JSON that helps")
        return result

    def _signed_cookie(self, attempt: Mapping[str, str]) -> str:
        text = base64.urlsafe_b64encode(json.dumps(dict(attempt)).encode()).decode()
        return f"{text}.{keyed_digest(self._secret, f'oidc {text}')}"

    def _read_cookie(self, cookie: str, now: datetime) -> Mapping[str, str]:
        text, _, digest = cookie.rpartition(".")
        if not text or not hmac.compare_digest(keyed_digest(self._secret, f"oidc {text}").encode(), digest.encode()):
            raise SignInRefused("the browser kept nothing of ours")
        attempt: Mapping[str, str] = json.loads(base64.urlsafe_b64decode(text))
        if now - datetime.fromisoformat(attempt["at"]) > LIFETIME:
            raise SignInRefused("the way back took too long")
        return attempt
