"""Authenticates requests to the API: the person of a token in `Authorization`, or nobody. Cookies are ignored here, so
that a request that another site makes a browser send is nobody's.
"""

from starlette.requests import Request

from forge.web.core.problems import ApiError
from forge.web.core.render import now_of

MAX_TOKEN = 100
_NOT_KNOWN = "This token is not known, or its time is over. Make a new one on your page, /me/tokens"
_NEEDED = "This needs a token, in the header Authorization: Bearer TOKEN. Make one on your page, /me/tokens"


def authenticate(request: Request, scope: str | None) -> None:
    """Put the person of the token into `request.state.person`, None without a token. Raises ApiError: 401 for a token
    that is not valid, also where none is needed; 403 for one without `scope`.
    """
    request.state.person, request.state.session = None, None
    given = request.headers.get("authorization")
    if given is None:
        if scope is not None:
            raise ApiError(401, detail=_NEEDED, headers={"WWW-Authenticate": "Bearer"})
        return
    kind, _, token = given.partition(" ")
    admitted = None
    if kind.lower() == "bearer" and len(token) <= MAX_TOKEN:
        admitted = request.app.state.store.api_tokens.authenticate(token.strip(), now=now_of(request))
    if admitted is None:
        raise ApiError(401, detail=_NOT_KNOWN, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    request.state.person, scopes = admitted
    if scope is not None and scope not in scopes:
        challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
        raise ApiError(
            403, detail=f"This token is not for this: it needs {scope}", headers={"WWW-Authenticate": challenge}
        )
