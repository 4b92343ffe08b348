"""What the PBX records of a call itself: talks with people, messages when nobody was there; with their words."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "call_parts"
down_revision = "who_answered"

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "call_parts",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_parts_call_id_calls")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_call_parts_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_parts")),
        sa.UniqueConstraint("source", name=op.f("uq_call_parts_source")),
    )
    op.create_index(op.f("ix_call_parts_call_id"), "call_parts", ["call_id"])
    key = "CONSTRAINT fk_call_lines_part_id_call_parts REFERENCES call_parts (id)"
    kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(f"ALTER TABLE call_lines ADD COLUMN part_id {kind} {key}")
