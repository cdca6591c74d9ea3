"""Authenticates requests to the API: the person of a token in `Authorization`, or nobody. Cookies are ignored here, so
that a request that another site makes a browser send is nobody's.
"""

from starlette.requests import Request

from forge.web.core.problems import ApiError
from forge.web.core.render import now_of

MAX_TOKEN = 100
_NOT_KNOWN = "This token is not known, or its time is over. Make a new one on your page, /me/tokens"
_NEEDED = "This needs a token, in the header Authorization: Bearer TOKEN. Make one on your page, /me/tokens"


def authenticate(request: Request, *, needs_token: bool) -> None:
    """Put the person of the token into `request.state.person`, None without a token. Raises ApiError 401 where one is
    needed, and for one that is not valid also where none is.
    """
    request.state.person, request.state.session = None, None
    header = request.headers.get("authorization")
    if header is None:
        if needs_token:
            raise ApiError(401, detail=_NEEDED, headers={"WWW-Authenticate": "Bearer"})
        return
    kind, _, token = header.partition(" ")
    someone = None
    if kind.lower() == "bearer" and len(token) <= MAX_TOKEN:
        someone = request.app.state.store.api_tokens.authenticate(token.strip(), now=now_of(request))
    if someone is None:
        raise ApiError(401, detail=_NOT_KNOWN, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    request.state.person = someone
