"""Commissioners' areas, confidential forms, and cards of one term.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BEFORE = "('group', 'office', 'section')"
AFTER = "('group', 'commissioner', 'office', 'section')"


def upgrade() -> None:
    _sides(AFTER)
    with op.batch_alter_table("data_sets") as batch:
        batch.add_column(sa.Column("confidential", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("data_sets") as batch:
        batch.alter_column("confidential", server_default=None)
    with op.batch_alter_table("cards") as batch:
        batch.add_column(sa.Column("contact_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_cards_contact_id_contacts"), "contacts", ["contact_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("cards") as batch:
        batch.drop_constraint(op.f("fk_cards_contact_id_contacts"), type_="foreignkey")
        batch.drop_column("contact_id")
    with op.batch_alter_table("data_sets") as batch:
        batch.drop_column("confidential")
    _sides(BEFORE)


def _sides(sides: str) -> None:
    """Who may file reports. Going down with commissioners in the tables is refused by the check itself."""
    with op.batch_alter_table("organisations") as batch:
        batch.drop_constraint(op.f("ck_organisations_side"), type_="check")
        batch.create_check_constraint(op.f("ck_organisations_side"), f"side IN {sides}")
    with op.batch_alter_table("data_sets") as batch:
        batch.drop_constraint(op.f("ck_data_sets_filed_by"), type_="check")
        batch.create_check_constraint(op.f("ck_data_sets_filed_by"), f"filed_by IN {sides}")
