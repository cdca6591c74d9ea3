"""Write the tables of `catalog.tables` as the statements of the first migration, for both databases.

Until 0.2.0 is tagged, `make schema` does that after a change of a table. From then on those files never change again:
databases of 0.2.0 are what they describe (docs/decisions/001-one-migration.md).
"""

import subprocess
import sys
from pathlib import Path

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from catalog.tables.all_tables import metadata

ROOT = Path(__file__).parents[1]


def main() -> None:
    if tags := subprocess.run(
        ["git", "tag", "--list", "0.2.0", "v0.2.0"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout:
        sys.exit(f"{tags.strip()} is tagged: a change of the tables is a migration of its own now (CONTRIBUTING.md).")
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        statements = []
        for table in metadata.sorted_tables:
            statements.append(CreateTable(table).compile(dialect=dialect))
            indexes = sorted(table.indexes, key=lambda index: str(index.name))
            statements.extend(CreateIndex(index).compile(dialect=dialect) for index in indexes)
        file = ROOT / f"catalog/migrations/versions/schema_0_2.{dialect.name}.sql"
        file.write_text(";\n\n".join(_without_spaces_at_ends(str(made)) for made in statements) + ";\n")


def _without_spaces_at_ends(statement: str) -> str:
    return "\n".join(line.rstrip() for line in statement.strip().splitlines())


if __name__ == "__main__":
    main()
