"""the same event twice: pairs of events and what was decided about them; a group merged into another

Revision ID: 0013
Revises: 0012
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')


def upgrade():
    op.create_table('event_pairs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('fiscal_year', sa.Integer(), nullable=False),
    sa.Column('one', JSON, nullable=False),
    sa.Column('other', JSON, nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('keeps', sa.String(), nullable=False),
    sa.Column('last_seq', sa.Integer(), nullable=False),
    sa.CheckConstraint("state IN ('open', 'linked', 'dismissed')", name=op.f('ck_event_pairs_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event_pairs')),
    sa.UniqueConstraint('key', name=op.f('uq_event_pairs_key'))
    )
    with op.batch_alter_table('event_pairs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_event_pairs_fiscal_year'), ['fiscal_year'], unique=False)

    op.create_table('event_decisions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('pair_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('keeps', sa.String(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.CheckConstraint("kind IN ('linked', 'dismissed', 'undone')", name=op.f('ck_event_decisions_kind')),
    sa.ForeignKeyConstraint(['pair_id'], ['event_pairs.id'], name=op.f('fk_event_decisions_pair_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event_decisions')),
    sa.UniqueConstraint('pair_id', 'seq', name=op.f('uq_event_decisions_pair_id_seq'))
    )

    with op.batch_alter_table('organisations', schema=None) as batch_op:
        batch_op.add_column(sa.Column('merged_into_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('merged_from', sa.String(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_organisations_merged_into_id'), 'organisations', ['merged_into_id'], ['id'])
        batch_op.create_index(batch_op.f('ix_organisations_merged_into_id'), ['merged_into_id'], unique=False)

    op.create_table('organisation_merges',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('into_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('merged_from', sa.String(), nullable=False),
    sa.Column('moved', JSON, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('separated_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('separated_by', sa.String(), nullable=True),
    sa.CheckConstraint("reason IN ('twice', 'one')", name=op.f('ck_organisation_merges_reason')),
    sa.ForeignKeyConstraint(['into_id'], ['organisations.id'], name=op.f('fk_organisation_merges_into_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_organisation_merges_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation_merges'))
    )
    with op.batch_alter_table('organisation_merges', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_organisation_merges_into_id'), ['into_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_organisation_merges_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('merged_months',
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('data_set_id', sa.Integer(), nullable=False),
    sa.Column('period', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['data_set_id'], ['data_sets.id'], name=op.f('fk_merged_months_data_set_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_merged_months_organisation_id')),
    sa.PrimaryKeyConstraint('organisation_id', 'data_set_id', 'period', name=op.f('pk_merged_months'))
    )


def downgrade():
    op.drop_table('merged_months')
    with op.batch_alter_table('organisation_merges', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_organisation_merges_organisation_id'))
        batch_op.drop_index(batch_op.f('ix_organisation_merges_into_id'))

    op.drop_table('organisation_merges')
    with op.batch_alter_table('organisations', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_organisations_merged_into_id'))
        batch_op.drop_constraint(batch_op.f('fk_organisations_merged_into_id'), type_='foreignkey')
        batch_op.drop_column('merged_from')
        batch_op.drop_column('merged_into_id')

    op.drop_table('event_decisions')
    with op.batch_alter_table('event_pairs', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_event_pairs_fiscal_year'))

    op.drop_table('event_pairs')
