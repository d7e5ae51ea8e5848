"""the plan is edited in the portal: every changed field as a row, and answers to what the plan leaves open

Revision ID: 0035_plan_edits
Revises: 0010
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from portal.ledger import triggers


revision = '0035_plan_edits'
down_revision = '0010'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')


def upgrade():
    op.create_table('plan_edits',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('before', JSON, nullable=False),
    sa.Column('after', JSON, nullable=False),
    sa.Column('how', sa.String(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("how IN ('edited', 'dropped', 'in_file')", name=op.f('ck_plan_edits_how')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_edits'))
    )
    with op.batch_alter_table('plan_edits', schema=None) as batch_op:
        batch_op.create_index('ix_plan_edits_kind_key_field', ['kind', 'key', 'field'], unique=False)

    with op.batch_alter_table('pending_questions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('answer', JSON, nullable=True))

    triggers.create_all(op.get_bind(), ('plan_edits',))


def downgrade():
    triggers.drop_all(op.get_bind(), ('plan_edits',))
    with op.batch_alter_table('pending_questions', schema=None) as batch_op:
        batch_op.drop_column('answer')

    with op.batch_alter_table('plan_edits', schema=None) as batch_op:
        batch_op.drop_index('ix_plan_edits_kind_key_field')

    op.drop_table('plan_edits')
