"""Each of those who may answer a question has a link of their own, which ends when they may no more."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "question_link",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_link_question_id_question"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_question_link_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_question_link")),
    )
    op.create_index(op.f("ix_question_link_question_id"), "question_link", ["question_id"])
    op.create_index(op.f("ix_question_link_person_id"), "question_link", ["person_id"])
    with op.batch_alter_table("question") as table:
        table.drop_constraint(op.f("uq_question_answer_token"), type_="unique")
        table.drop_column("answer_token")
