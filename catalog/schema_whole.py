"""Every table of the database in one metadata, for whoever makes a database or compares one; it defines none."""

from catalog import (
    schema_calling,  # noqa: F401 - their tables join the metadata
    schema_deciding,  # noqa: F401
    schema_decisions,  # noqa: F401
    schema_declarations,  # noqa: F401
    schema_exchange,  # noqa: F401
    schema_following,  # noqa: F401
    schema_foreign,  # noqa: F401
    schema_indexes,  # noqa: F401
    schema_keeping,  # noqa: F401
    schema_layers,  # noqa: F401
    schema_opencatalog,  # noqa: F401
    schema_peers,  # noqa: F401
    schema_people,  # noqa: F401
    schema_tokens,  # noqa: F401
    schema_using,  # noqa: F401
    schema_vouching,  # noqa: F401
)
from catalog.schema import metadata as metadata
