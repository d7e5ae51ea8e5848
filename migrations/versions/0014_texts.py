"""words that staff write: who wrote and read back which translation of which Japanese

Revision ID: 0014
Revises: 0013
"""

from alembic import op
import sqlalchemy as sa

from portal.ledger import triggers


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('text_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("action IN ('written', 'kept', 'checked', 'native')", name=op.f('ck_text_events_action')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_text_events'))
    )
    with op.batch_alter_table('text_events', schema=None) as batch_op:
        batch_op.create_index('ix_text_events_language_kind', ['language', 'kind'], unique=False)

    triggers.create_all(op.get_bind(), ('text_events',))


def downgrade():
    triggers.drop_all(op.get_bind(), ('text_events',))
    with op.batch_alter_table('text_events', schema=None) as batch_op:
        batch_op.drop_index('ix_text_events_language_kind')

    op.drop_table('text_events')
