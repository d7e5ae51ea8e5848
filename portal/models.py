"""Every table, in one import: for migrations, and so that relationships can find each other."""

from portal.accounts import models as accounts
from portal.datasets import models as datasets
from portal.evaluation import models as evaluation
from portal.ground import models as ground
from portal.indicators import models as indicators
from portal.intake import models as intake
from portal.ledger import models as ledger
from portal.organisations import models as organisations
from portal.periods import models as periods
from portal.plan import models as plan
from portal.publication import models as publication
from portal.reminders import models as reminders
from portal.reporting import models as reporting
from portal.review import models as review
from portal.sections import models as sections

__all__ = [
    "accounts",
    "datasets",
    "evaluation",
    "ground",
    "indicators",
    "intake",
    "ledger",
    "organisations",
    "periods",
    "plan",
    "publication",
    "reminders",
    "reporting",
    "review",
    "sections",
]
