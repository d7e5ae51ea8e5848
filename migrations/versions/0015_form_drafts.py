"""the next edition of a form while it is being written, and from which month an edition holds

Revision ID: 0015
Revises: 0014
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('form_drafts',
    sa.Column('data_set_id', sa.Integer(), nullable=False),
    sa.Column('base', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('definition', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('begun_by', sa.String(), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('saved_by', sa.String(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['data_set_id'], ['data_sets.id'], name=op.f('fk_form_drafts_data_set_id')),
    sa.PrimaryKeyConstraint('data_set_id', name=op.f('pk_form_drafts'))
    )
    with op.batch_alter_table('data_set_versions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('from_period', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('made_at', sa.DateTime(timezone=True), nullable=True))


def downgrade():
    with op.batch_alter_table('data_set_versions', schema=None) as batch_op:
        batch_op.drop_column('made_at')
        batch_op.drop_column('from_period')

    op.drop_table('form_drafts')
