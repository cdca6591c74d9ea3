"""Invented secrets and people to plant in a history, made from a seed, and clean files that look like them.

Nothing here is anybody's: keys have the shape of real ones and random signs, accounts a right checksum and random
digits. They are put together when the tests run, so that no scanner finds one in this file.
"""

import random
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from support.hosts.git_origin import git

LETTERS, DIGITS = string.ascii_letters, string.digits
MIXED, BASE64, HEX = LETTERS + DIGITS, LETTERS + DIGITS + "+/", "0123456789abcdef"


@dataclass(frozen=True)
class Planted:
    """A file with one thing in it that must be found; `secret`, else it is personal data."""

    path: str
    content: str | bytes
    secret: bool
    value: str | None = None  # None for a list of people


def a_state(repository: Path, files: Mapping[str | bytes, str | bytes], *parents: str) -> str:
    """Write one commit that holds these files, at any depth, and nothing else; its id. No ref stays on it."""
    lines = [b"reset refs/heads/new\ncommit refs/heads/new\ncommitter A <a@example.org> 1750000000 +0000\ndata 1\nx\n"]
    lines += [f"{'merge' if place else 'from'} {parent}\n".encode() for place, parent in enumerate(parents)]
    lines.append(b"deleteall\n")
    for path, content in files.items():
        name, data = (value.encode() if isinstance(value, str) else value for value in (path, content))
        quoted = b"".join(b"\\%03o" % byte for byte in name)
        lines.append(b'M 100644 inline "%s"\ndata %d\n%s\n' % (quoted, len(data), data))
    git("fast-import", "--quiet", "--force", "--date-format=raw", cwd=repository, stdin=b"".join(lines))
    oid = git("rev-parse", "refs/heads/new", cwd=repository).decode()
    git("update-ref", "-d", "refs/heads/new", cwd=repository)
    return oid


def a_head(repository: Path, *states: Mapping[str | bytes, str | bytes]) -> str:
    """A repository, made where there is none, whose main branch went through these states; the id of the last."""
    if not repository.exists():
        git("init", "-q", "--bare", "--initial-branch=main", repository)
    oid = ""
    for state in states:
        oid = a_state(repository, state, *([oid] if oid else []))
    git("update-ref", "refs/heads/main", oid, cwd=repository)
    return oid


class _Maker:
    def __init__(self, seed: int):
        self.dice = random.Random(seed)

    def signs(self, alphabet: str, count: int) -> str:
        """Random signs in which the three kinds of their alphabet surely stand."""
        parts = [kind for kind in (string.ascii_lowercase, string.ascii_uppercase, DIGITS) if set(kind) & set(alphabet)]
        first = [self.dice.choice(sorted(set(part) & set(alphabet))) for part in parts][:count]
        rest = [self.dice.choice(alphabet) for _ in range(count - len(first))]
        return "".join(first + rest)

    def iban(self, country: str, digits: int) -> str:
        account = "".join(self.dice.choice(DIGITS) for _ in range(digits))
        number = int("".join(str(int(sign, 36)) for sign in f"{account}{country}00"))
        return f"{country}{98 - number % 97:02d}{account}"

    def word(self) -> str:
        return "".join(self.dice.choice("bdfklmnprstv") + self.dice.choice("aeiou") for _ in range(3))

    def address(self) -> str:
        return f"{self.word()}.{self.word()}@{self.word()}-{self.word()}.coop"

    def body(self) -> str:
        return "\n".join(self.signs(BASE64, 64) for _ in range(4))


def planted(seed: int = 7) -> list[Planted]:
    """At least forty things of many kinds, each in a file of its own."""
    make = _Maker(seed)
    return [*_keys(make), *_assigned(make), *_people(make), *_lists(make)]


def _keys(make: _Maker) -> Iterator[Planted]:
    shapes = {
        "aws.py": ("AKIA" + make.signs(string.ascii_uppercase + DIGITS, 16), 'client("{}")'),
        "aws-secret.py": (make.signs(BASE64, 40), 'aws_secret_access_key = "{}"'),
        "github.sh": ("ghp_" + make.signs(MIXED, 36), "curl -H 'Authorization: token {}'"),
        "github-new.sh": ("github_pat_" + make.signs(MIXED, 82), "export GH={}"),
        "gitlab.yml": ("glpat-" + make.signs(MIXED, 20), "deploy: {}"),
        "slack.rb": ("xoxb-" + make.signs(DIGITS, 11) + "-" + make.signs(HEX, 24), 'Slack.new("{}")'),
        "stripe.php": ("sk_live_" + make.signs(MIXED, 24), "Stripe::key('{}');"),
        "sendgrid.js": (f"SG.{make.signs(MIXED, 22)}.{make.signs(MIXED, 43)}", 'mail("{}")'),
        "mailchimp.py": (make.signs(HEX, 32) + "-us12", 'chimp = Chimp("{}")'),
        "twilio.py": ("SK" + make.signs(HEX, 32), 'Client("{}")'),
        "telegram.py": (make.signs(DIGITS, 9) + ":" + make.signs(MIXED, 35), 'Bot("{}")'),
        "google.html": ("AIza" + make.signs(MIXED, 35), '<script src="https://maps.test/js?key={}"></script>'),
        "azure.config": (make.signs(BASE64, 86) + "==", '<add value="Name=x;AccountKey={}" />'),
        "token.ts": (f"eyJhbGciOiJIUzI1NiJ9.eyJ1aWQiOjR9.{make.signs(MIXED, 43)}", 'send("{}")'),
        "connect.py": (make.signs(MIXED, 14), 'connect("postgresql://app:{}@db.coop-tools.fr/app")'),
        "ftp.sh": (make.signs(MIXED, 12), "wget ftp://archive:{}@files.coop-tools.fr/backup"),
    }
    for name, (value, form) in shapes.items():
        yield Planted(f"src/{name}", f"# a line before\n{form.format(value)}\n", True, value)
    for kind, name in (("RSA ", "deploy.pem"), ("OPENSSH ", "id_ed25519"), ("", "server.key")):
        body = make.body()
        text = f"-----BEGIN {kind}PRIVATE KEY-----\n{body}\n-----END {kind}PRIVATE KEY-----\n"
        yield Planted(f"keys/{name}", text, True, body.partition("\n")[0])
    body = make.signs(BASE64, 64)
    account = f'{{"private_key": "-----BEGIN PRIVATE KEY-----\\n{body}\\n-----END PRIVATE KEY-----\\n"}}\n'
    yield Planted("config/account.json", account, True, body)


def _assigned(make: _Maker) -> Iterator[Planted]:
    forms = {
        ".env": "DB_PASSWORD={}",
        ".env.production": "APP_SECRET='{}'",
        "config/database.yml": "production:\n  password: {}",
        "docker-compose.yml": "services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: {}",
        "settings.py": 'SECRET_KEY = "{}"',
        "config.php": "'db_password' => '{}',",
        "app.properties": "spring.datasource.password={}",
        "config.json": '{{"api_key": "{}"}}',
        "Mailer.java": 'String password = "{}";',
        "client.js": "const apiKey = '{}';",
        "mot.py": 'mot_de_passe = "{}"',
        "clave.py": 'clave_admin = "{}"',
        "deploy.ini": "token = {}",
    }
    for path, form in forms.items():
        value = make.signs(MIXED, 14)
        yield Planted(path, form.format(value) + "\n", True, value)


def _people(make: _Maker) -> Iterator[Planted]:
    for path, form in {
        "lib/notify.py": 'RECIPIENTS = ["{}"]',
        "seeds.rb": "User.create(email: '{}')",
        "notes.txt": "Rappeler {} mardi",
        "dump.xml": "<contact>{}</contact>",
    }.items():
        address = make.address()
        yield Planted(path, form.format(address) + "\n", False, address)
    for country, digits, form in (
        ("FR", 23, "{}"),
        ("DE", 18, "compte: {}"),
        ("ES", 20, "'{}'"),
        ("PT", 21, "<b>{}</b>"),
    ):
        account = make.iban(country, digits)
        yield Planted(f"data/{country}.txt", form.format(account) + "\n", False, account)
    account = make.iban("BE", 12)
    spaced = " ".join(account[at : at + 4] for at in range(0, len(account), 4))
    yield Planted("data/invoice.md", f"IBAN : {spaced}\n", False, spaced)


def _lists(make: _Maker) -> Iterator[Planted]:
    def rows(sign: str, width: int, count: int = 5) -> str:
        return "\n".join(sign.join(make.word() for _ in range(width)) for _ in range(count))

    for path, sign, heading in (
        ("adherents.csv", ";", "Nom;Prénom;Adresse;Téléphone"),
        ("members.csv", ",", "id,first_name,last_name,phone"),
        ("socios.csv", ",", "Apellido,Nombre,Teléfono,Dirección"),
        ("cooperados.tsv", "\t", "Nome\tMorada\tTelemóvel"),
        ("الأعضاء.csv", ",", "الاسم,العنوان,رقم الهاتف"),
    ):
        width = heading.count(sign) + 1
        yield Planted(f"export/{path}", f"{heading}\n{rows(sign, width)}\n", False)
    text = f"Adhérent;Date de naissance;Courriel\r\n{rows(';', 3)}\r\n"
    yield Planted("export/excel.csv", text.encode("cp1252"), False)
    yield Planted("export/excel.txt", text.replace(";", "\t").encode("utf-16"), False)

    def values(width: int) -> str:
        return ",\n".join("(" + ", ".join(f"'{make.word()}'" for _ in range(width)) + ")" for _ in range(4))

    yield Planted("sql/insert.sql", f"INSERT INTO membres (nom, prenom, adresse) VALUES\n{values(3)};\n", False)
    table = "CREATE TABLE `people` (\n `id` int(11),\n `lastname` varchar(80),\n `birth_date` date\n);\n"
    yield Planted("sql/dump.sql", f"{table}INSERT INTO `people` VALUES {values(3)};\n", False)
    yield Planted("sql/copy.sql", f"COPY public.users (id, name, email) FROM stdin;\n{rows(chr(9), 3)}\n\\.\n", False)
    objects = ",\n".join(
        f'{{"nom": "{make.word()}", "prenom": "{make.word()}", "telephone": "{make.signs(DIGITS, 10)}"}}'
        for _ in range(4)
    )
    yield Planted("export/adherents.json", f"[{objects}]\n", False)


CLEAN = {
    "README.md": "# Tool\n\nWrite to info@coop-tools.fr or to a list: tool-users@lists.coop-tools.fr.\n",
    "AUTHORS": "Ana Souza <ana.souza@coop-tools.fr>\n",
    "src/head.py": '"""A tool.\n\nAuthor: Ana Souza <ana.souza@coop-tools.fr>\n"""\n\n'
    'COMMIT = "3f786850e387550fdab836ed7e6dc881de23001b"\n',
    "src/login.py": 'password = request.form["password"]\nif password == "":\n    raise ValueError("no password")\n'
    'token = make_token(user)\nsecret = os.environ["SECRET"]\nPASSWORD_HASHER = "pbkdf2_sha256"\n',
    "src/login.js": "const password = document.getElementById('password').value;\nlet apiKey = config.apiKey;\n",
    ".env.example": "DB_PASSWORD=change-me\nAPI_KEY=your-key-here\nSECRET=${SECRET}\n",
    "docker-compose.yml": "services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: ${DB_PASSWORD}\n",
    "locale/fr.yml": "fr:\n  password: Mot2passe\n  password_reset: Réinitialiser\n",
    "config.yml": "database: postgresql://tool:tool@localhost/tool\npassword_min_length: 12\nsecret: null\n",
    "keys.md": "A key begins with -----BEGIN RSA PRIVATE KEY----- and goes on for many lines.\n",
    "package-lock.json": '{"integrity": "sha512-' + "q" * 40 + 'Zz9+/==", "author": "someone <them@coop-tools.fr>"}\n',
    "import.csv": "Nom;Prénom;Adresse;Téléphone\n",
    "cities.csv": "name,population\nLyon,500000\nLille,230000\nBrest,140000\n",
    "schema.sql": "CREATE TABLE members (\n  id int,\n  name text,\n  address text,\n  phone text\n);\n",
    "settings.sql": "INSERT INTO settings (name, value) VALUES ('lang', 'fr'), ('theme', 'dark'), ('mail', 'on');\n",
    "ids.txt": "4d3f1e2a-1111-4222-8333-944455556666\nFR0012345678901234567890123\nicon@2x.png\nreact@18.2.0\n",
    "mail.py": 'send("noreply@coop-tools.fr", to="someone@example.org")\n',
    "aws.md": "Use AKIAIOSFODNN7" + "EXAMPLE as the key.\n",
}
