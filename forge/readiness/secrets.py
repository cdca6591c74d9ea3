"""Finds passwords, keys and tokens in lines of text, by detectors of detect-secrets that were chosen one by one.

Used are its detectors of named kinds, which know the shape of what they look for, and its keyword detector behind a
filter of ours. Left out are those of high entropy, of public IP addresses and of Artifactory, which take any checksum
for a key. Its way of scanning whole files is not used: it would ask issuers over the network whether a key works.
https://github.com/Yelp/detect-secrets
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from detect_secrets.filters.heuristic import (
    is_indirect_reference,
    is_not_alphanumeric_string,
    is_prefixed_with_dollar_sign,
    is_sequential_string,
    is_swagger_file,
    is_templated_secret,
)
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.cloudant import CloudantDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.ibm_cloud_iam import IbmCloudIamDetector
from detect_secrets.plugins.ibm_cos_hmac import IbmCosHmacDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.keyword import (
    CONFIG_DENYLIST_REGEX_TO_GROUP,
    DENYLIST,
    QUOTES_REQUIRED_DENYLIST_REGEX_TO_GROUP,
    REGEX_BY_FILETYPE,
    KeywordDetector,
)
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.private_key import PrivateKeyDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.softlayer import SoftlayerDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector
from detect_secrets.util.filetype import determine_file_type

from catalog.sentences import mark

ASSIGNED = mark("password or key in an assignment")
PRIVATE_KEY, GOOGLE, GITHUB = "Private Key", "Google API Key", "GitHub Token"


class SecretFound(NamedTuple):
    """`value` is the secret itself: it stays in the memory of the search and is shown masked only."""

    kind: str
    value: str
    row: int


class _Google(RegexBasedDetector):
    """Google API keys, which detect-secrets lacks: https://cloud.google.com/docs/authentication/api-keys"""

    secret_type = GOOGLE
    denylist = (re.compile(r"AIza[0-9A-Za-z_-]{35}"),)


class _FineGrainedGitHub(RegexBasedDetector):
    """The newer shape of GitHub's tokens, which it lacks: https://github.blog/changelog/2022-10-18-introducing-fine-grained-personal-access-tokens/"""

    secret_type = GITHUB
    denylist = (re.compile(r"github_pat_[0-9A-Za-z_]{60,90}"),)


_JWT = JwtTokenDetector()
_NAMED_DETECTORS: tuple[RegexBasedDetector, ...] = (
    AWSKeyDetector(), AzureStorageKeyDetector(), CloudantDetector(), DiscordBotTokenDetector(), GitHubTokenDetector(),
    GitLabTokenDetector(), IbmCloudIamDetector(), IbmCosHmacDetector(), _JWT, MailchimpDetector(),
    NpmDetector(), OpenAIDetector(), PypiTokenDetector(), SendGridDetector(), SlackDetector(), SoftlayerDetector(),
    SquareOAuthDetector(), StripeDetector(), TelegramBotTokenDetector(), TwilioKeyDetector(), _Google(),
    _FineGrainedGitHub(),
)  # fmt: skip
_BASIC_AUTH, _PRIVATE, _KEYWORD = BasicAuthDetector(), PrivateKeyDetector(), KeywordDetector()
# A line without any of these can hold nothing of a named kind: their shapes have a run of sixteen such signs.
_MAY_HOLD = re.compile(r"[A-Za-z0-9_/+=.:-]{16}")
_KEYWORDS = re.compile("|".join(DENYLIST), re.IGNORECASE)
_MORE_KEYWORDS = re.compile(
    r"(?:mot_?de_?passe|mdp|jeton|clave|senha|palavra_?passe|token|كلمة_?السر|كلمة_?المرور)\w*[\]'\"]{0,2}\s*(?:=>|:=|=|:)\s*"
    r"(['\"`]?)([^\s'\"`]{6,256})\1",
    re.IGNORECASE,
)
_CONFIGURATION = re.compile(
    r"(?:^|/)(?:\.env[^/]*|[^/]+\.env|dockerfile[^/]*|[^/]+\.(?:conf|cnf|cfg|properties|ini|htpasswd))$", re.I
)
_SENTENCES = re.compile(
    r"(?:^|/)(?:_?locales?|i18n|l10n|langs?|languages?|translations?|messages)/|\.(?:pot?|xlf|xliff|arb|ts|strings|resx)$",
    re.IGNORECASE,
)
_INVENTED = re.compile(
    r"example|change.{0,2}me|changeit|\byour|^my[-_]|placeholder|dummy|sample|fake|test|xxx|\*\*\*|\.\.\.|…|todo|insert|replace"
    r"|foobar|lorem|[<{%$]|^(?:null|none|true|false|undefined|default|required|string|text|hidden|redacted|secret|passw"
    r"|pass$|pwd|admin|root|user|guest|demo|letmein|azerty|qwerty|123|abc)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"https?://|[./~:@#&]|[\w.]+\(|.*(?:->|::|=>|\(\)|\[)|[A-Za-z]+\d{0,2}(?:[_.:/\\-]+[A-Za-z]+\d{0,2})+$"
    r"|(?:sha|md|aes|rsa|hs|rs|utf|base|bcrypt|argon|pbkdf|oauth)(?:[_-]?\d{1,4})*(?:[_-]\w{1,8})?$|.*[\w-]+\.(?:js|php|py|html?|txt|json|ya?ml)$",
    re.IGNORECASE,
)
_UNUSUAL_SIGNS = re.compile(r"[^\w.:/-]")
_BODY_OF_KEY = re.compile(r"[A-Za-z0-9+/=]{32,}")
_KNOWN_SAMPLE = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkw"  # of jwt.io
_TOKEN = re.compile(r"[\w.+/=-]+")
SHORTEST = 16  # characters of a group that is the secret itself
_KEY_LINES = 6  # within which the body of a private key begins: headers of the older form come before it
_PASSWORD_IN_URL = re.compile(r"://([^\s:/@]*):([^\s@]+)@([\w.-]*)")


def find_secrets(path: str, rows: Sequence[tuple[int, str]]) -> Iterator[SecretFound]:
    """Yield the secrets in these lines of a file: (number, line), lines bounded by the caller."""
    configuration = _CONFIGURATION.search(path)
    shapes = (
        CONFIG_DENYLIST_REGEX_TO_GROUP
        if configuration
        else REGEX_BY_FILETYPE.get(determine_file_type(path), QUOTES_REQUIRED_DENYLIST_REGEX_TO_GROUP)
    )
    assigned = not (_SENTENCES.search(path) or is_swagger_file(path))
    loose = shapes is CONFIG_DENYLIST_REGEX_TO_GROUP
    for place, (row, line) in enumerate(rows):
        if _MAY_HOLD.search(line):
            yield from _secrets_of_named_kinds(line, row)
        if "PRIVATE KEY" in line or "PuTTY-User-Key" in line:
            yield from _private_keys(line, row, rows[place + 1 : place + 1 + _KEY_LINES])
        if "://" in line:
            yield from _passwords_in_urls(line, row)
        if not assigned:
            continue
        if _KEYWORDS.search(line):
            for value in _KEYWORD.analyze_string(line, shapes):
                value = value.strip().rstrip(",;")
                if _is_likely_secret(value, line, loose):
                    yield SecretFound(ASSIGNED, value, row)
        if (match := _MORE_KEYWORDS.search(line)) and (match[1] or loose) and _is_likely_secret(match[2], line, loose):
            yield SecretFound(ASSIGNED, match[2], row)


def _secrets_of_named_kinds(line: str, row: int) -> Iterator[SecretFound]:
    """Yield secrets of named kinds. The detectors' patterns are used, not their `analyze_string`: of a pattern with
    groups it gives "ghp" alone.
    """
    for detector in _NAMED_DETECTORS:
        for shape in detector.denylist:
            for match in shape.finditer(line):
                value = _secret_part(match, detector is _JWT)
                if _is_part_of_more(value, line) or _is_sample(value):
                    continue
                if detector is not _JWT or JwtTokenDetector.is_formally_valid(value):
                    yield SecretFound(detector.secret_type, value, row)


def _secret_part(match: re.Match[str], token: bool) -> str:
    """Return what is secret of a match: the longest group, where that is more than an ending or a quote; else all of
    it.
    """
    if token:  # its shape ends before the signature
        whole = _TOKEN.match(match.string, match.start())
        return whole[0] if whole else match[0]
    groups = [group for group in match.groups() if group and len(group) >= SHORTEST]
    return max(groups, key=len) if groups else match[0].removeprefix("AccountKey=")


def _is_part_of_more(value: str, line: str) -> bool:
    """Return whether a value is cut out of a longer run of letters and digits: any pattern matches somewhere in a
    checksum.
    """
    start = line.find(value)
    before, after = line[start - 1 : start], line[start + len(value) : start + len(value) + 1]
    return start >= 0 and ((before.isascii() and before.isalnum()) or (after.isascii() and after.isalnum()))


def _is_sample(value: str) -> bool:
    return "EXAMPLE" in value.upper() or value.startswith(_KNOWN_SAMPLE) or len(set(value)) < 6


def _private_keys(line: str, row: int, after: Sequence[tuple[int, str]]) -> Iterator[SecretFound]:
    """Yield private keys, only with a body behind the heading: code that reads keys, and words about them, name the
    heading alone.
    """
    for shape in _PRIVATE.denylist:
        if heading := shape.search(line):
            rest = "\n".join([line[heading.end() :], *(text for _, text in after)]).replace("\\n", "\n")
            if body := _BODY_OF_KEY.search(rest):
                yield SecretFound(PRIVATE_KEY, body[0], row)
            return


def _passwords_in_urls(line: str, row: int) -> Iterator[SecretFound]:
    """Yield passwords in addresses, but for those that every tutorial has."""
    for value in _BASIC_AUTH.analyze_string(line):
        parts = _PASSWORD_IN_URL.search(line)
        user, host = (parts[1], parts[3]) if parts else ("", "")
        is_sample_host = host in ("localhost", "127.0.0.1", "") or host.endswith(
            ("example.com", "example.org", "example.net")
        )
        if not (is_sample_host or value == user or _INVENTED.search(value) or len(value) < 4):
            yield SecretFound(_BASIC_AUTH.secret_type, value, row)


def _is_likely_secret(value: str, line: str, loose: bool) -> bool:
    """Return whether what is assigned looks chosen or made, and not like a word, a name of something else or a
    sample.
    """
    if not 6 <= len(value) <= 256 or re.search(r"\s", value) or _INVENTED.search(value) or _REFERENCE.match(value):
        return False
    if is_templated_secret(value) or is_prefixed_with_dollar_sign(value) or is_not_alphanumeric_string(value):
        return False
    if is_sequential_string(value) or len(set(value)) < 4 or (loose and is_indirect_reference(line)):
        return False
    letters, digits = re.search(r"[A-Za-z]", value), re.search(r"\d", value)
    mixed = len(value) >= 16 and re.search(r"[a-z]", value) and re.search(r"[A-Z]", value)
    return bool(letters and (digits or _UNUSUAL_SIGNS.search(value) or mixed))
