"""Opinion polls: questions, answers offered, and ballots that do not name who cast them."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "polls"
down_revision = "origins"


def upgrade() -> None:
    op.create_table(
        "polls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("opening", sa.String(length=200), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_polls_created_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls")),
    )
    op.create_index(op.f("ix_polls_opened_at"), "polls", ["opened_at"])
    op.create_table(
        "poll_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name=op.f("fk_poll_questions_poll_id_polls")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll_questions")),
        sa.UniqueConstraint("poll_id", "position", name=op.f("uq_poll_questions_poll_id_position")),
    )
    op.create_table(
        "poll_options",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["poll_questions.id"], name=op.f("fk_poll_options_question_id_poll_questions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll_options")),
        sa.UniqueConstraint("question_id", "position", name=op.f("uq_poll_options_question_id_position")),
    )
    op.create_table(
        "poll_ballots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("voter", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name=op.f("fk_poll_ballots_poll_id_polls")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll_ballots")),
        sa.UniqueConstraint("poll_id", "voter", name=op.f("uq_poll_ballots_poll_id_voter")),
    )
    op.create_table(
        "poll_answers",
        sa.Column("ballot_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("option_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ballot_id"], ["poll_ballots.id"], name=op.f("fk_poll_answers_ballot_id_poll_ballots")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["poll_questions.id"], name=op.f("fk_poll_answers_question_id_poll_questions")
        ),
        sa.ForeignKeyConstraint(
            ["option_id"], ["poll_options.id"], name=op.f("fk_poll_answers_option_id_poll_options")
        ),
        sa.PrimaryKeyConstraint("ballot_id", "question_id", name=op.f("pk_poll_answers")),
    )
    op.create_index(op.f("ix_poll_answers_question_id"), "poll_answers", ["question_id"])


def downgrade() -> None:
    for table in ("poll_answers", "poll_ballots", "poll_options", "poll_questions", "polls"):
        op.drop_table(table)
