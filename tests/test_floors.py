"""Who may import whom, as a table, and what may stand in which room. Read from the source by `ast`, nothing is run."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_LINES = 350

# A room is a module or a package; the longest name that fits a module is its room. It may import what stands behind it,
# itself, and nothing else of ours.
MAY_IMPORT = {
    "catalog": "",
    "catalog.errors": "",
    "catalog.model": "",
    "catalog.vocabulary": "catalog.errors",
    "catalog.licenses": "catalog.errors catalog.vocabulary",
    "catalog.license_terms": "catalog.licenses",
    "catalog.compatibility": "catalog.licenses",
    "catalog.fields": "catalog.licenses",
    "catalog.facts": "catalog.fields catalog.model",
    "catalog.lending": "catalog.document catalog.facts catalog.model",
    "catalog.families": "catalog.model",
    "catalog.document": "catalog.memo catalog.errors catalog.model catalog.licenses catalog.vocabulary",
    "catalog.people": "catalog.domains",
    "catalog.follows": "",
    "catalog.peers": "",
    "catalog.pictures": "",
    "catalog.decisions": "",
    "catalog.adoptions": "catalog.model",
    "catalog.declarations": "",
    "catalog.calls": "",
    "catalog.memo": "",
    "catalog.domains": "catalog.memo",
    "catalog.proofs": "",
    "catalog.sheets": "",
    "catalog.tokens": "",
    "catalog.rights": "catalog.errors catalog.people",
    "catalog.offers": "catalog.model",
    "catalog.listing": "catalog.errors catalog.people catalog.rights catalog.store",
    "catalog.declare": "catalog.adoptions catalog.calls catalog.decisions catalog.declarations catalog.document "
    "catalog.listing "
    "catalog.domains catalog.sheets "
    "catalog.errors catalog.facts "
    "catalog.fields catalog.licenses catalog.model catalog.people catalog.proofs catalog.rights catalog.store "
    "catalog.vocabulary",
    "catalog.rechecking": "catalog.keep catalog.proofs catalog.store",
    "catalog.inviting": "catalog.errors catalog.people catalog.proofs catalog.rights catalog.store",
    "catalog.keep": "catalog.domains catalog.inviting catalog.errors catalog.people catalog.proofs catalog.rights "
    "catalog.store",
    "catalog.speak": "catalog.inviting catalog.people catalog.proofs catalog.store",
    "catalog.moderate": "catalog.calls catalog.declarations catalog.declare catalog.decisions catalog.domains "
    "catalog.errors catalog.exchange catalog.peers catalog.people "
    "catalog.rights catalog.store",
    "catalog.schema": "",
    "catalog.schema_people": "catalog.schema",
    "catalog.schema_deciding": "catalog.schema catalog.schema_people",
    "catalog.schema_decisions": "catalog.schema catalog.schema_people",
    "catalog.schema_declarations": "catalog.schema catalog.schema_people",
    "catalog.schema_calling": "catalog.schema catalog.schema_people",
    "catalog.schema_using": "catalog.schema",
    "catalog.schema_layers": "catalog.schema",
    "catalog.schema_vouching": "catalog.schema catalog.schema_people",
    "catalog.schema_peers": "catalog.schema catalog.schema_people",
    "catalog.schema_foreign": "catalog.schema catalog.schema_peers",
    "catalog.schema_opencatalog": "catalog.schema",
    "catalog.posted": "",
    "catalog.schema_keeping": "catalog.schema catalog.schema_people",
    "catalog.schema_exchange": "catalog.schema",
    "catalog.schema_following": "catalog.schema catalog.schema_people",
    "catalog.schema_tokens": "catalog.schema catalog.schema_people",
    "catalog.schema_indexes": "catalog.schema catalog.schema_foreign",
    "catalog.schema_whole": "catalog.schema catalog.schema_calling catalog.schema_deciding catalog.schema_decisions "
    "catalog.schema_indexes "
    "catalog.schema_declarations catalog.schema_exchange catalog.schema_following catalog.schema_foreign "
    "catalog.schema_keeping catalog.schema_layers catalog.schema_opencatalog catalog.schema_peers "
    "catalog.schema_people catalog.schema_tokens catalog.schema_using catalog.schema_vouching",
    "catalog.migrations": "catalog.schema catalog.schema_whole catalog.store catalog.schema_calling "
    "catalog.schema_deciding catalog.schema_decisions catalog.schema_declarations catalog.schema_exchange "
    "catalog.schema_following catalog.schema_foreign catalog.schema_keeping catalog.schema_layers "
    "catalog.schema_opencatalog catalog.schema_peers catalog.schema_people catalog.schema_tokens "
    "catalog.schema_using catalog.schema_vouching",
    "catalog.store": "catalog.domains catalog.adoptions catalog.calls catalog.schema_calling "
    "catalog.schema_deciding "
    "catalog.declarations catalog.decisions catalog.document catalog.errors catalog.facts "
    "catalog.families catalog.fields catalog.follows catalog.lending "
    "catalog.model catalog.offers catalog.peers catalog.people catalog.pictures catalog.schema "
    "catalog.schema_declarations "
    "catalog.schema_decisions "
    "catalog.schema_following "
    "catalog.schema_keeping catalog.schema_layers catalog.schema_opencatalog catalog.posted catalog.proofs "
    "catalog.schema_using "
    "catalog.schema_exchange catalog.schema_foreign "
    "catalog.schema_peers catalog.schema_tokens catalog.tokens "
    "catalog.schema_people catalog.schema_vouching catalog.schema_whole",
    "catalog.search": "catalog.errors catalog.model catalog.licenses catalog.vocabulary catalog.store.views",
    # Shapes and signatures of what travels stand on nothing but errors; the verbs over the store stand beside them.
    "catalog.exchange": "catalog.calls catalog.declarations catalog.declare catalog.document catalog.domains "
    "catalog.errors catalog.facts catalog.licenses catalog.model catalog.offers catalog.peers catalog.people "
    "catalog.rights catalog.store catalog.vocabulary",
    "catalog.exchange.identity": "catalog.memo catalog.document catalog.domains catalog.exchange.names",
    "catalog.exchange.names": "",
    "catalog.exchange.clusters": "catalog.exchange.identity",
    "catalog.exchange.spoken": "catalog.calls catalog.document catalog.exchange.shapes catalog.exchange.words "
    "catalog.model",
    "catalog.exchange.stated": "catalog.calls catalog.document catalog.exchange.shapes catalog.exchange.spoken "
    "catalog.exchange.words catalog.model catalog.offers",
    "catalog.exchange.bounds": "",
    "catalog.exchange.shapes": "catalog.exchange.bounds",
    "catalog.exchange.words": "",
    "catalog.exchange.parsing": "catalog.errors catalog.exchange.bounds catalog.exchange.shapes",
    "catalog.exchange.signing": "catalog.exchange.shapes",
    "forge": "",
    "forge.settings": "catalog forge.mail_server forge.oidc",
    "forge.secret": "",
    "forge.mail_server": "catalog.people",
    "forge.addresses": "",
    # The one room that the web may ask to contact another host within a request: the operator's own provider.
    "forge.oidc": "forge.addresses forge.secret",
    "forge.collation": "",
    "forge.languages": "forge.collation",
    "forge.git": "forge.addresses",
    "forge.observe": "catalog.licenses catalog.model catalog.vocabulary catalog.errors",
    "forge.render": "",
    "forge.imports": "catalog.document catalog.licenses catalog.model catalog.sheets catalog.vocabulary "
    "forge.addresses forge.observe",
    "forge.ready": "catalog.licenses forge.addresses forge.export.metadata forge.git forge.languages forge.observe",
    "forge.ready.steps": "forge.languages",
    # Pure: views of the store in, bytes out. What a page shows of a stranger's value, an export shows too.
    "forge.export": "catalog.errors catalog.facts catalog.fields catalog.licenses catalog.model catalog.vocabulary "
    "catalog.store.exporting catalog.store.views forge.languages forge.observe forge.web.shown forge.web.values",
    "forge.export.metadata": "catalog.licenses forge.observe",
}
# Rooms of forge that stand above the others may import all of ours except these.
MUST_NOT_IMPORT = {
    "forge.web": "forge.refresh forge.worker forge.peers forge.mail forge.serve forge.cli forge.commands forge.app "
    "forge.routes forge.errands forge.git.sync forge.git.download forge.git.quarantine forge.git.upkeep "
    "forge.git.visits forge.git.judge forge.git.look forge.looking forge.calling_out "
    "forge.exchange forge.git.separate forge.git.local forge.ready.source forge.ready.history forge.ready.secrets "
    "forge.ready.personal",
    "forge.refresh": "forge.web forge.app forge.cli forge.commands forge.serve forge.worker",
    "forge.worker": "forge.web forge.app forge.cli forge.commands forge.errands",
    "forge.peers": "forge.web forge.git forge.app forge.cli forge.commands forge.serve forge.worker",
    "forge.exchange": "forge.web forge.git forge.app forge.cli forge.commands forge.serve forge.worker",
    "forge.load": "forge.web forge.git forge.app",
    "forge.follow": "forge.web forge.git forge.app",
}
# Of the two packages for programs, the rooms whose functions answer an address; they share the others.
ANSWERING = (
    "forge.web.api.calls forge.web.api.code forge.web.api.declarations forge.web.api.decisions forge.web.api.desk "
    "forge.web.api.elsewhere forge.web.api.index forge.web.api.lists forge.web.api.openapi forge.web.api.organizations "
    "forge.web.api.peers forge.web.api.projects forge.web.api.told forge.web.opencatalog.analysis "
    "forge.web.opencatalog.bundles forge.web.opencatalog.catalogs forge.web.opencatalog.events "
    "forge.web.opencatalog.logs forge.web.opencatalog.publishers forge.web.opencatalog.software "
    "forge.web.opencatalog.webhooks"
)
# They answer an address, and others ask them: where files of the site lie.
SHARED = {"forge.web.api", "forge.web.opencatalog", "forge.web.assets"}

# Libraries that only these rooms may touch.
ONLY_IN = {
    "sqlalchemy": "catalog.migrations catalog.schema catalog.schema_calling catalog.schema_deciding "
    "catalog.schema_decisions catalog.schema_declarations catalog.schema_following "
    "catalog.schema_exchange catalog.schema_foreign catalog.schema_indexes catalog.schema_tokens "
    "catalog.schema_keeping catalog.schema_layers catalog.schema_peers catalog.schema_people catalog.schema_using "
    "catalog.schema_opencatalog "
    "catalog.schema_vouching catalog.store",
    "segno": "forge.web.qr",
    "PIL": "forge.render.shrinking",
    "alembic": "catalog.store.migrate catalog.migrations",
    "psycopg": "catalog.store",
    "sqlite3": "catalog.store forge.backup",
    "tantivy": "catalog.search",
    "git": "forge.git",
    "idna": "catalog.domains",
    "publicsuffixlist": "catalog.domains",
    "dns": "forge.names",
    "detect_secrets": "forge.ready.secrets",
    "authlib": "forge.oidc",
    "pyseto": "forge.web.opencatalog.tokens",
    "joserfc": "forge.oidc",
    "cryptography": "catalog.exchange.signing forge.sealed",
    "starlette": "forge.app forge.connections forge.first forge.routes forge.web forge.serve",
    "jinja2": "forge.web forge.mail",
    "subprocess": "forge.git forge.prepare forge.render.process forge.serve",
    "multiprocessing": "forge.git forge.observers forge.refresh forge.render forge.worker forge.serve",
}
CATALOG_IMPORTS_NO = {"socket", "urllib.request", "http", "httpx2", "time", "subprocess", "git", "requests"} | {
    "html",
    "markupsafe",
}

FORBIDDEN_OF_GITPYTHON = {
    *("clone", "clone_from", "create_remote", "delete_remote", "remotes", "Remote", "Submodule", "submodules"),
    *("create_submodule", "config_writer", "references", "branches", "stats", "archive", "blame", "untracked_files"),
}

BANNED_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|managers?|services?)($|_)", re.I)


def modules(*packages: str) -> dict[str, Path]:
    found = {}
    for package in packages:
        for file in sorted((ROOT / package).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


MODULES = modules("catalog", "forge")


def each_module(rule: Callable[[str], None]) -> Callable[[], None]:
    """One test that tries a rule on every module and names all that break it: a test each would be thousands."""

    def tried() -> None:
        broken = []
        for name in MODULES:
            try:
                rule(name)
            except AssertionError as error:
                broken.append(f"{name}: {error}")
        assert broken == []

    tried.__name__, tried.__doc__ = rule.__name__, rule.__doc__
    return tried


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text())


@cache
def imports(name: str) -> frozenset[str]:
    """Full names of what a module imports, also inside functions; of ours as far as they are modules."""
    return frozenset(_imported(name))


def _imported(name: str) -> Iterator[str]:
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively: write the whole name"
            for one in node.names:
                inner = f"{node.module}.{one.name}"
                yield inner if inner in MODULES else str(node.module)


def within(name: str, rooms: str) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms.split())


def room(name: str) -> str | None:
    fitting = [one for one in MAY_IMPORT if one != "forge" and one != "catalog" and within(name, one)]
    return max(fitting, key=len) if fitting else name if name in MAY_IMPORT else None


def test_the_table_has_a_row_for_every_room_of_the_ground() -> None:
    assert [name for name in MODULES if name.startswith("catalog") and room(name) is None] == []


@each_module
def test_a_module_imports_only_what_its_floor_may(name: str) -> None:
    mine = room(name)
    ours = {one for one in imports(name) if within(one, "catalog forge")}
    if mine is not None:
        wrong = {one for one in ours if not within(one, f"{mine} {MAY_IMPORT[mine]}")}
    else:
        above = [one for one in MUST_NOT_IMPORT if within(name, one)]
        wrong = {one for one in ours for row in above if within(one, MUST_NOT_IMPORT[row])}
    assert not wrong, f"{name} may not import {', '.join(sorted(wrong))}"


def _read_at_once(statements: Iterable[ast.stmt]) -> Iterator[str]:
    """What is imported as a module is read: not what functions import, nor what only types need."""
    for node in statements:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.If | ast.Try | ast.With):
            yield from _read_at_once(node.body)
        elif isinstance(node, ast.ImportFrom):
            inner = (f"{node.module}.{one.name}" for one in node.names)
            yield from (one if one in MODULES else str(node.module) for one in inner)


def test_no_modules_wait_for_each_other() -> None:
    """Two that import each other are read or not by who asks first: it was found when rooms were read later."""
    needs = {name: {one for one in _read_at_once(tree(name).body) if one in MODULES} - {name} for name in MODULES}
    TopologicalSorter(needs).prepare()  # raises CycleError with the names of a circle


@each_module
def test_the_ground_never_imports_what_stands_on_it(name: str) -> None:
    assert not (name.startswith("catalog") and any(within(one, "forge") for one in imports(name)))


@cache
def handlers() -> str:
    """The rooms of the web that answer an address: what the routes name, and of the two packages what is listed."""
    named = {one for routes in ("forge.routes", "forge.first") for one in imports(routes) if within(one, "forge.web")}
    return f"{' '.join(named - SHARED)} {ANSWERING}"


@each_module
def test_web_handlers_do_not_import_each_other(name: str) -> None:
    if not name.startswith("forge.web."):
        return
    mine = {name, *(one for one in imports(name) if one.startswith(f"{name}."))}  # a package lists its own rooms
    assert not {one for one in imports(name) if one not in mine and within(one, handlers())}


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_touched_only_in_its_rooms(library: str) -> None:
    strangers = [name for name in MODULES if not within(name, ONLY_IN[library])]
    assert [name for name in strangers if any(within(one, library) for one in imports(name))] == []


@each_module
def test_the_ground_reads_no_clock_no_environment_and_no_network(name: str) -> None:
    if not name.startswith("catalog"):
        return
    assert not {one for one in imports(name) if any(within(one, banned) for banned in CATALOG_IMPORTS_NO)}
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("utcnow", "today", "environ", "getenv"), f"{name}:{node.lineno}"
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            assert not {one.name for one in node.names} & {"environ", "getenv"}, f"{name}:{node.lineno}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr != "now", f"{name}:{node.lineno}: take the time as an argument"


@each_module
def test_a_module_opens_by_saying_what_it_is_for(name: str) -> None:
    file = MODULES[name]
    said = ast.get_docstring(tree(name))
    if file.name == "__init__.py" and not file.read_text().strip():
        return
    assert said, f"{file} has no docstring"


@each_module
def test_a_long_module_says_why(name: str) -> None:
    lines = len(MODULES[name].read_text().splitlines())
    if lines > LONGEST_LINES:
        said = " ".join((ast.get_docstring(tree(name)) or "").lower().split())
        assert f"longer than {LONGEST_LINES}" in said or f"{LONGEST_LINES} lines" in said, (
            f"{name} has {lines} lines: split it or say why"
        )


def test_nothing_is_called_for_having_no_name() -> None:
    for name, file in MODULES.items():
        assert not [part for part in name.split(".") if BANNED_NAMES.search(part)], file
        for node in ast.walk(tree(name)):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", node.name)
                assert not BANNED_NAMES.search(words), f"{file}:{node.lineno} {node.name}"


@each_module
def test_nothing_uses_what_gitpython_does_unsafely_or_slowly(name: str) -> None:
    """The names are those of a Repo, a Commit or a Remote, so they are looked for where GitPython may be imported."""
    if not within(name, ONLY_IN["git"]):
        return
    for node in ast.walk(tree(name)):
        attribute = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None
        assert attribute not in FORBIDDEN_OF_GITPYTHON, f"{name}:{getattr(node, 'lineno', 0)} uses {attribute}"
        keywords = [one.arg for one in node.keywords] if isinstance(node, ast.Call) else []
        assert "create_patch" not in keywords, f"{name}:{getattr(node, 'lineno', 0)}"


def test_tests_open_with_a_docstring_too() -> None:
    files = [*sorted((ROOT / "tests").glob("*.py")), *sorted((ROOT / "benchmarks").glob("*.py"))]
    assert [
        file.name for file in files if file.read_text().strip() and not ast.get_docstring(ast.parse(file.read_text()))
    ] == []


ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()


@pytest.mark.parametrize(("package", "heading", "short"), [
    ("catalog.store", "### Rooms of the store", "opencatalog"), ("forge.web", "### Rooms of the web", "desk"),
])  # fmt: skip
def test_each_room_of_the_two_largest_floors_stands_in_one_row_of_its_table(package, heading, short) -> None:
    """`_own` in a row is a room whose name goes on that of the row's first one."""
    rows = re.findall(r"^\|.*\|(.*)\|$", ARCHITECTURE.partition(heading)[2].partition("\n#")[0], re.M)
    told = [short + name if name.startswith("_") else name for row in rows[2:] for name in re.findall(r"[a-z_]+", row)]
    inside = {name.removeprefix(f"{package}.").partition(".")[0] for name in MODULES if name.startswith(f"{package}.")}
    assert inside - {*told} == set(), "without a row"
    assert {*told} - inside == set(), "not there any more"


def test_each_module_that_the_book_of_rooms_names_is_there() -> None:
    """What stands in code marks and begins with a package: a module, and what is in it."""
    packages = {part for name in MODULES for part in name.split(".")[:-1]}
    marked = re.findall(r"`([a-z_]+(?:[./]\w+)+)`", ARCHITECTURE)
    named = [one for one in {*marked} if re.split("[./]", one)[0] in packages and not one.endswith((".lock", ".yaml"))]
    assert len(named) > 100 and [one for one in named if not _known(re.split("[./]", one))] == []


def _known(parts: list[str]) -> bool:
    """Whether some module ends so, or holds what comes behind its name."""
    for count in range(len(parts), 0, -1):
        ending, rest = ".".join(parts[:count]), parts[count:]
        if found := [file for name, file in MODULES.items() if f".{name}".endswith(f".{ending}")]:
            return not rest or any(re.search(rf"\b{rest[0]}\b", file.read_text()) for file in found)
    return False
