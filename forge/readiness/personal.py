"""Finds data about people in texts: e-mail addresses, account numbers, tables of members by the words of their
headings.

Simple and bounded: it helps people to check, and proves nothing. Authors' names in the usual places for authors
are theirs to give, and addresses of offices are nobody's.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from catalog.sentences import mark
from forge.observe.core.path_classes import is_third_party

EMAIL, IBAN, LIST = mark("e-mail address"), mark("account number (IBAN)"), mark("list of people")
FEWEST_ROWS = 2  # of a table that is more than an example of its form
HEADINGS = 40  # lines of a file that are searched for a heading
MAX_ROWS = 100_000
MAX_STATEMENT = 20_000  # characters of an SQL statement that are read for its columns

_EMAIL = re.compile(r"(?<![\w.+%/@-])([\w.+%-]{1,64})@((?:[\w-]{1,63}\.){1,6}([A-Za-z]{2,24}))(?![\w@-]|\.\w)")
_ENDING_WORDS = """
    png jpg jpeg gif svg webp css scss js mjs ts tsx jsx json xml html htm php py rb go rs java md txt yml yaml sh lock
    local localhost test invalid example internal lan tld
"""
_URL_BEFORE = re.compile(r"://[^\s/]*$")  # a password and a host in an address of the web
_NO_ENDINGS = frozenset(_ENDING_WORDS.split())  # of files, and of names that lead nowhere
_PLACEHOLDERS = re.compile(
    r"(?:^|\.)(?:example|exemple|ejemplo|exemplo|domain|domaine|dominio|test|tests|foo|bar|foobar|mail|email|company|site"
    r"|website|acme|host|server|your-?domain|my-?domain|yourcompany|users\.noreply\.github)\.[a-z]{2,4}$|noreply",
    re.IGNORECASE,
)
_OFFICES = re.compile(
    r"^(?:info|contact[oa]?|contato|support|soporte|help|aide|security|securite|seguridad|admin|administrat\w+|root|git|svn"
    r"|hg|no-?reply|do-?not-?reply|ne-?pas-?repondre|hello|hola|bonjour|team|equipe|office|bureau|secretariat|secretaria"
    r"|accueil|webmaster|hostmaster|postmaster|abuse|press|presse|sales|jobs|privacy|dpo|rgpd|gdpr|legal|bugs?|dev|devs"
    r"|developers?|community|list|lists|newsletter|user|username|name|nom|email|mail|foo|bar|test|tests?\d*|example|exemple"
    r"|someone|somebody|me|you|john\.?doe|jane\.?doe|jdoe|a|b|x|alice|bob|i18n|l10n|translat\w*|[\w.-]*-(?:dev|devel|users|bugs|announce|list))$",
    re.IGNORECASE,
)
# Lines and files in which authors give their own address.
_AUTHORS_LINE = re.compile(
    r"author|auteur|autor|maintain|copyright|\(c\)|©|licen[cs]e|signed-off|co-authored|contributor|translator|last-translator"
    r"|language-team|report-msgid|written by|created by|developed by|@link|@since",
    re.IGNORECASE,
)
_AUTHORS_FILE = re.compile(
    r"(?:^|/)(?:authors|contributors|credits|thanks|maintainers|codeowners|\.mailmap|owners|copying\w*|licen[cs]e[^/]*|copyright"
    r"|changelog[^/]*|changes[^/]*|news|security[^/]*|code[_-]of[_-]conduct[^/]*|debian/[^/]+"
    r"|__(?:manifest|openerp)__\.py|package\.json|composer\.json|bower\.json|setup\.(?:py|cfg)"
    r"|pyproject\.toml|cargo\.toml|pom\.xml|codemeta\.json|citation\.cff|publiccode\.ya?ml|[^/]+\.(?:gemspec|pot?|nuspec|podspec|lock))"
    r"(?:\.(?:md|txt|rst))?$|(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json)$",
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?<![A-Z0-9])([A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?)(?![A-Za-z0-9])")
# The lengths of ISO 13616, of Europe and around: https://www.swift.com/resource/iban-registry-pdf
_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "BA": 20, "BE": 16, "BG": 22, "BR": 29, "CH": 21, "CY": 24, "CZ": 24,
    "DE": 22, "DK": 18, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23,
    "GL": 18, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "LB": 28,
    "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30,
    "NL": 18, "NO": 15, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19,
    "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29, "XK": 20,
}  # fmt: skip
_SAMPLE_IBAN_WORDS = """
    DE89370400440532013000 GB82WEST12345698765432 FR1420041010050500013M02606 ES9121000418450200051332
    NL91ABNA0417164300 BE68539007547034 GB29NWBK60161331926819 CH9300762011623852957 AT611904300234573201
    IT60X0542811101000000123456 PT50000201231234567890154 FR7630006000011234567890189 DE75512108001245126199
    LU280019400644750000 IE29AIBK93115212345678 FR7630004000031234567890143 DE91100000000123456789
"""
_SAMPLE_IBANS = frozenset(_SAMPLE_IBAN_WORDS.split())  # of standards and handbooks

# Words of headings, by what they tell of a person: English, French, Spanish, Portuguese, Arabic.
_KINDS = {
    "name": """
        name fullname full_name lastname last_name surname family_name member membername nom nomfamille nom_famille
        nom_de_famille nom_prenom adherent nomadherent nom_adherent societaire benevole donateur apellido apellidos
        nombre nombre_completo socio socia afiliado sobrenome apelido nome nome_completo associado cooperado
        الاسم اسم اللقب لقب الاسم_الكامل عضو العضو اسم_العضو
    """,
    "first name": """
        firstname first_name given_name givenname forename prenom primer_nombre primeiro_nome nome_proprio
        الاسم_الأول الاسم_الشخصي
    """,
    "address": """
        address street postal_address postaladdress zip zipcode zip_code postcode postal_code adresse rue code_postal
        codepostal cp ville direccion domicilio calle codigo_postal endereco rua morada cep العنوان عنوان الرمز_البريدي
    """,
    "telephone": """
        phone telephone phone_number phonenumber mobile mobile_phone cell tel tel_fixe telephone_portable portable
        numero_telephone gsm telefono movil celular telefone telemovel رقم_الهاتف الهاتف هاتف الجوال رقم_الجوال
    """,
    "e-mail": """
        email e_mail mail email_address courriel adresse_mail adresse_email mel correo correo_electronico
        endereco_eletronico البريد البريد_الإلكتروني البريد_الالكتروني
    """,
    "birth": """
        birthdate birth_date date_of_birth dob birthday date_naissance date_de_naissance datenaissance naissance ne_le
        nee_le fecha_nacimiento fecha_de_nacimiento nacimiento data_nascimento data_de_nascimento nascimento
        تاريخ_الميلاد تاريخ_الولادة
    """,
    "account": "iban bic bank_account compte_bancaire rib cuenta_bancaria conta_bancaria nib الحساب_البنكي آيبان",
    "number": """
        ssn social_security nir numero_secu num_secu securite_sociale dni nif nie cpf numero_adherent num_adherent
        member_number member_id رقم_الهوية بطاقة_التعريف رقم_العضوية
    """,
}
_ACCENTS = str.maketrans("àâäáãéèêëíîïóôöõúùûüçñ", "aaaaaeeeeiiioooouuuucn")


def _folded(word: str) -> str:
    return re.sub(r"[\s.'’-]+", "_", word.strip(" \t\"'`[]*:\ufeff").lower().translate(_ACCENTS)).strip("_")


_BY_WORD = {_folded(word): kind for kind, words in _KINDS.items() for word in words.split()}
_TABLES = re.compile(r"\.(?:csv|tsv|tab|txt|dat|sql|dump|psql|json|jsonl|ndjson|ldif|vcf)$", re.IGNORECASE)
_SQL = re.compile(r"\.(?:sql|dump|psql|php|py|rb|js|ts|txt)$", re.IGNORECASE)
_COLUMNS = r"\(([^()]{1,4000})\)"
_INSERT = re.compile(
    rf"insert\s+(?:ignore\s+)?into\s+([\w.\"`\[\]]{{1,120}})\s*(?:{_COLUMNS})?\s*values?\s*(?=\()", re.IGNORECASE
)
_COPY = re.compile(rf"^copy\s+([\w.\"]{{1,120}})\s*{_COLUMNS}\s+from\s+stdin", re.IGNORECASE | re.MULTILINE)
_CREATE = re.compile(r"create\s+table\s+(?:if\s+not\s+exists\s+)?([\w.\"`\[\]]{1,120})\s*\(", re.IGNORECASE)
_VALUES = re.compile(r"\((?=\s*(?:'|\"|\d|null|default|[NE]'))", re.IGNORECASE)
_PAIR = re.compile(r'"([^"\\]{2,40})"\s*:\s*"([^"\\]{1,200})"')
_CARD = re.compile(r"^(?:BEGIN:VCARD|dn:\s*(?:uid|cn)=)", re.IGNORECASE | re.MULTILINE)


class PersonalDatum(NamedTuple):
    """`value` stays in the memory of the search; of a list it says how many rows of what, which is nobody's data."""

    kind: str
    value: str
    row: int


def find_personal_data(path: str, rows: Sequence[tuple[int, str]]) -> Iterator[PersonalDatum]:
    """Yield addresses and account numbers in these lines of a file: (number, line), lines bounded by the caller."""
    theirs = bool(_AUTHORS_FILE.search(path)) or is_third_party(path)
    for row, line in rows:
        if "@" in line and not theirs and not _AUTHORS_LINE.search(line):
            for match in _EMAIL.finditer(line):
                if not (_is_no_person(match) or _URL_BEFORE.search(line[: match.start()])):
                    yield PersonalDatum(EMAIL, match[0], row)
        for match in _IBAN.finditer(line):
            account = match[1].replace(" ", "")
            if account not in _SAMPLE_IBANS and _is_valid_iban(account):
                yield PersonalDatum(IBAN, match[1], row)


def list_of_people(path: str, text: str) -> PersonalDatum | None:
    """Return the file as a list of people, when its headings say so and rows follow."""
    if not (_TABLES.search(path) or _SQL.search(path)):
        return None
    kind = path.rpartition(".")[2].lower()
    if kind in ("json", "jsonl", "ndjson"):
        return _list_in_json(text)
    if kind in ("ldif", "vcf"):
        count = len(_CARD.findall(text))
        return _list_hit(("name",), count, 1) if count >= FEWEST_ROWS else None
    return (_list_in_sql(text) if _SQL.search(path) else None) or (
        _list_in_rows(text) if _TABLES.search(path) else None
    )


def _is_no_person(match: re.Match[str]) -> bool:
    name, domain, ending = match[1], match[2], match[3].lower()
    if ending in _NO_ENDINGS or _PLACEHOLDERS.search(domain) or _OFFICES.match(name):
        return True
    return not re.search(r"[^\W\d_]", name) or "noreply" in name.lower()


def _is_valid_iban(account: str) -> bool:
    """Check the checksum of ISO 13616, and the length of the country."""
    if _LENGTHS.get(account[:2]) != len(account):
        return False
    return int("".join(str(int(sign, 36)) for sign in account[4:] + account[:4])) % 97 == 1


def _kinds_of_headings(words: Iterable[str]) -> tuple[str, ...]:
    """Return what these headings tell of a person: a name and something else, else nothing."""
    kinds = tuple(dict.fromkeys(kind for word in words if (kind := _BY_WORD.get(_folded(word)))))
    named = "name" in kinds or "first name" in kinds
    return kinds if named and len(kinds) >= 2 else ()


def _list_hit(kinds: tuple[str, ...], count: int, row: int) -> PersonalDatum:
    return PersonalDatum(LIST, f"{count} × {', '.join(kinds)}", row)


def _list_in_rows(text: str) -> PersonalDatum | None:
    lines = text.splitlines()[:MAX_ROWS]
    for place, line in enumerate(lines[:HEADINGS]):
        for sign in (";", ",", "\t", "|"):
            width = line.count(sign)
            if not 1 <= width < 200 or not (kinds := _kinds_of_headings(next(csv.reader([line], delimiter=sign)))):
                continue
            filled = [row for row in lines[place + 1 :] if row.count(sign) >= width and row.strip(f"{sign} -:\"'")]
            if len(filled) >= FEWEST_ROWS:
                return _list_hit(kinds, len(filled), place + 1)
    return None


def _list_in_sql(text: str) -> PersonalDatum | None:
    columns: dict[str, list[str]] = {}
    for match in _CREATE.finditer(text):
        columns[_bare_name(match[1])] = _column_names(text[match.end() : match.end() + MAX_STATEMENT])
    counts: dict[tuple[str, ...], list[int]] = {}
    for match in _INSERT.finditer(text):
        names = match[2].split(",") if match[2] else columns.get(_bare_name(match[1]), [])
        if kinds := _kinds_of_headings(names):
            end = text.find(";", match.end())
            statement = text[match.end() : end if end >= 0 else None]
            filled = sum(1 for _ in _VALUES.finditer(statement))
            counts.setdefault(kinds, []).extend([text.count("\n", 0, match.start()) + 1] * filled)
    for match in _COPY.finditer(text):
        if kinds := _kinds_of_headings(match[2].split(",")):
            end = text.find("\n\\.", match.end())
            filled = text.count("\n", match.end(), end if end >= 0 else len(text)) - 1
            counts.setdefault(kinds, []).extend([text.count("\n", 0, match.start()) + 1] * max(0, filled))
    for kinds, rows in counts.items():
        if len(rows) >= FEWEST_ROWS:
            return _list_hit(kinds, len(rows), rows[0])
    return None


def _bare_name(name: str) -> str:
    return name.rpartition(".")[2].strip('"`[]').lower()


def _column_names(text: str) -> list[str]:
    """Return the first words of the definitions of a table's columns, up to the bracket that ends them."""
    depth, start, words = 1, 0, list[str]()
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 or (depth == 1 and sign == ","):
            words.append(text[start:place].strip().partition(" ")[0])
            start = place + 1
        if depth == 0:
            break
    return words


def _list_in_json(text: str) -> PersonalDatum | None:
    """Count objects with the same keys again and again, each with a value."""
    counts: dict[str, int] = {}
    first = 0
    for match in _PAIR.finditer(text):
        kind = _BY_WORD.get(_folded(match[1]))
        if kind:
            first = first or match.start() + 1
            counts[kind] = counts.get(kind, 0) + 1
    often = tuple(kind for kind, count in counts.items() if count >= FEWEST_ROWS)
    named = {"name", "first name"} & set(often)
    # One key beside a name is what any list of things has ("name", "address" of a server): people have more.
    if not named or len(often) < 3:
        return None
    return _list_hit(often, min(counts[kind] for kind in often), text.count("\n", 0, first) + 1)
