"""The tables of imported layers: what a list, a file or a server of others says of projects. Rows are `store`'s.

A layer's values are facts of origin `peer:<name>`; here stands where they came from and under which licence, and which
project each record was taken to be.
"""

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table, Text, Uuid

from catalog.schema import Instant, metadata

layer = Table(
    "layer",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("form", String(16), nullable=False),  # publiccode | open-catalog | awesome | sheet
    Column("address", Text),  # null: it was a file here
    Column("license", String(200), nullable=False),  # SPDX, of what it says
    Column("added_at", Instant, nullable=False),
    Column("read_at", Instant, nullable=False),
)

layer_record = Table(
    "layer_record",
    metadata,
    Column("layer", ForeignKey("layer.name", ondelete="CASCADE"), primary_key=True),
    Column("key", String(64), primary_key=True),  # a digest of what tells it apart inside of the layer
    Column("project_id", Uuid, nullable=False),
    Column("record", JSON, nullable=False),
    Index("ix_layer_record_project_id", "project_id"),
)
