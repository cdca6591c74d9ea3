"""Signing in by a network's own provider: the redirect to it, and the return. `forge.security.oidc` verifies what it
says.

Both are links, since a form may lead to no other site here; neither changes anything for a browser that did not begin
to sign in.
"""

import logging

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import NotFound
from catalog.rules.person import normalized_address as email_address
from forge.i18n import languages
from forge.security.oidc import LIFETIME, SignIn, SignInRefused
from forge.web.core import rate_limits
from forge.web.core.render import base_url, now_of, offered_languages, page
from forge.web.core.session import is_https, make_private, safe_next, start_session

NAME, SECURE_NAME = "forge-network", "__Host-forge-network"
MAX_COOKIE = 3_000

log = logging.getLogger("forge.network")


def begin_sign_in(request: Request) -> Response:
    """Redirect to the provider. Raises NotFound where there is none."""
    provider = _provider(request)
    rate_limits.count_network(request, rate_limits.LINK_NETWORK)
    tag = request.state.page_language.tag
    state = {"language": tag, "next": safe_next(request.query_params.get("next", ""))}
    try:
        address, cookie = provider.begin(_return_address(request), state, now=now_of(request))
    except SignInRefused as no:
        return _refused(request, no)
    answer = RedirectResponse(address, 303)
    answer.set_cookie(
        _cookie_name(request),
        cookie,
        max_age=int(LIFETIME.total_seconds()),
        path="/",
        secure=is_https(request),
        httponly=True,
        samesite="lax",
    )
    return make_private(answer)


def finish_sign_in(request: Request) -> Response:
    """Sign in by the provider's verified address."""
    provider = _provider(request)
    rate_limits.count_network(request, rate_limits.LINK_NETWORK)
    cookie = request.cookies.get(_cookie_name(request), "")[:MAX_COOKIE]
    now = now_of(request)
    try:
        typed, state = provider.finish(cookie, dict(request.query_params), _return_address(request), now=now)
        email = email_address(typed)
        if email is None:
            raise SignInRefused("the provider's address is none that we keep")
    except SignInRefused as no:
        return _refused(request, no)
    tag = state["language"] if state["language"] in offered_languages(request) else offered_languages(request)[0]
    token = request.app.state.store.people.sign_in_proven(email, tag, now=now)
    answer = start_session(request, token, safe_next(state["next"]) or f"/{tag}/me")
    answer.delete_cookie(_cookie_name(request), path="/", secure=is_https(request), httponly=True, samesite="lax")
    return make_private(answer)


def _refused(request: Request, no: SignInRefused) -> Response:
    log.warning("A sign-in by the network's provider was refused: %s.", no)
    if not hasattr(request.state, "page_language"):
        chosen = languages.choose_language(request.headers.get("accept-language", ""), offered_languages(request))
        request.state.page_language = languages.page_language(chosen)
    return make_private(page(request, "account/provider-refused.html", 403, noindex=True))


def _provider(request: Request) -> SignIn:
    provider_here: SignIn | None = request.app.state.oidc
    if provider_here is None:
        raise NotFound("page", "")
    return provider_here


def _return_address(request: Request) -> str:
    base = base_url(request)
    return f"{base}/sign-in/back"


def _cookie_name(request: Request) -> str:
    return SECURE_NAME if is_https(request) else NAME
