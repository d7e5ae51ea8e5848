"""the reporting calendar: every closing of a year with its release and why it was opened again,
and exceptions to the lock of a month

Revision ID: 0010
Revises: 0009
"""

from alembic import op
import sqlalchemy as sa


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade():
    closings = op.create_table('year_closings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('fiscal_year', sa.Integer(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_by', sa.String(), nullable=False),
    sa.Column('release', sa.Integer(), nullable=True),
    sa.Column('reopened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reopened_by', sa.String(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_year_closings'))
    )
    with op.batch_alter_table('year_closings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_year_closings_fiscal_year'), ['fiscal_year'], unique=False)

    op.create_table('period_exceptions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('data_set', sa.String(), nullable=False),
    sa.Column('period', sa.String(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('granted_by', sa.String(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_period_exceptions_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_period_exceptions'))
    )
    with op.batch_alter_table('period_exceptions', schema=None) as batch_op:
        batch_op.create_index('ix_period_exceptions_report', ['organisation_id', 'data_set', 'period'], unique=False)

    # the years that are closed now: their history begins here
    closed = sa.table('closed_years', sa.column('fiscal_year'), sa.column('closed_at', sa.DateTime(timezone=True)), sa.column('closed_by'))
    names = ['fiscal_year', 'closed_at', 'closed_by']
    op.execute(closings.insert().from_select(names, sa.select(closed.c.fiscal_year, closed.c.closed_at, closed.c.closed_by)))


def downgrade():
    with op.batch_alter_table('period_exceptions', schema=None) as batch_op:
        batch_op.drop_index('ix_period_exceptions_report')

    op.drop_table('period_exceptions')
    with op.batch_alter_table('year_closings', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_year_closings_fiscal_year'))

    op.drop_table('year_closings')
