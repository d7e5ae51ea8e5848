"""Several groups behind one card, several cards on one phone.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_groups",
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["cards.id"], name=op.f("fk_card_groups_card_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_card_groups_organisation_id")
        ),
        sa.PrimaryKeyConstraint("card_id", "organisation_id", name=op.f("pk_card_groups")),
    )
    with op.batch_alter_table("card_groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_card_groups_organisation_id"), ["organisation_id"], unique=False)
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("resting_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_column("resting_at")
    with op.batch_alter_table("card_groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_card_groups_organisation_id"))
    op.drop_table("card_groups")
