"""Checks whether a webhook's sender knows the project's secret, in the ways of common forges. Pure: bytes and headers
in.

GitHub and Bitbucket sign the body and name the algorithm, Forgejo, Gitea and Gogs sign it as bare digits, GitLab sends
the secret itself. SourceHut signs with a key of its own and can send no secret of ours but in the address, and so can
what has no webhooks but a script. SHA-1 is not accepted.
https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/
https://forgejo.org/docs/latest/user/webhooks/
https://docs.gitlab.com/user/project/integrations/webhooks/
"""

import hashlib
import hmac
from collections.abc import Mapping

from forge.security.secret import keyed_digest

NAMED = ("x-hub-signature-256", "x-hub-signature")  # "sha256=" and digits
BARE = ("x-forgejo-signature", "x-gitea-signature", "x-gogs-signature")
TOKEN = "x-gitlab-token"
_SHA256 = "sha256="


def webhook_secret(secret: bytes, nonce: str) -> str:
    """The secret of a webhook, derived and not stored: 64 hexadecimal digits."""
    return keyed_digest(secret, f"hook {nonce}")


def is_signed(headers: Mapping[str, str], key: str, body: bytes, secret: str) -> bool:
    """Whether any part of the request proves the secret. Header names in lower case; `key`: the address's, or empty.

    All are compared in constant time.
    """
    digits = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    stated_signatures = [
        headers[name].removeprefix(_SHA256) for name in NAMED if headers.get(name, "").startswith(_SHA256)
    ]
    stated_signatures += [headers[name] for name in BARE if headers.get(name)]
    stated_secrets = [headers.get(TOKEN, ""), headers.get("authorization", "").removeprefix("Bearer "), key]
    good = [hmac.compare_digest(signature.strip().lower().encode(), digits.encode()) for signature in stated_signatures]
    good += [hmac.compare_digest(stated_secret.encode(), secret.encode()) for stated_secret in stated_secrets]
    return any(good)
