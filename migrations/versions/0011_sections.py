"""sections: filled yearly sheets and where they come from, statements on indicators, figures that one
person alone has entered and confirmed

Revision ID: 0011
Revises: 0010
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')


def upgrade():
    op.create_table('sheet_loads',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('content', JSON, nullable=True),
    sa.Column('loaded_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sheet_loads')),
    sa.UniqueConstraint('public_id', name=op.f('uq_sheet_loads_public_id'))
    )
    op.create_table('sheet_answers',
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('filled_by', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['version_id'], ['submission_versions.id'], name=op.f('fk_sheet_answers_version_id')),
    sa.PrimaryKeyConstraint('version_id', name=op.f('pk_sheet_answers'))
    )
    op.create_table('statements',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(), nullable=False),
    sa.Column('indicator_code', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('fiscal_year', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('value', sa.Numeric(precision=18, scale=4, asdecimal=False), nullable=True),
    sa.Column('stage', sa.String(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_by', sa.String(), nullable=True),
    sa.CheckConstraint("kind IN ('adopted', 'break', 'stage')", name=op.f('ck_statements_kind')),
    sa.CheckConstraint("state IN ('proposed', 'confirmed', 'withdrawn')", name=op.f('ck_statements_state')),
    sa.CheckConstraint("(kind = 'adopted') = (value IS NOT NULL)", name=op.f('ck_statements_value_adopted')),
    sa.CheckConstraint("(kind = 'stage') = (stage IS NOT NULL)", name=op.f('ck_statements_stage_stated')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_statements')),
    sa.UniqueConstraint('public_id', name=op.f('uq_statements_public_id'))
    )
    op.create_index(op.f('ix_statements_indicator_code'), 'statements', ['indicator_code'], unique=False)
    # added in place, not by copying the table: the triggers that keep it append-only stay on it
    op.add_column('postings', sa.Column('one_person', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade():
    op.drop_column('postings', 'one_person')
    op.drop_index(op.f('ix_statements_indicator_code'), table_name='statements')
    op.drop_table('statements')
    op.drop_table('sheet_answers')
    op.drop_table('sheet_loads')
