"""Who may look at what of an estate's money, and who lays down rules. Entries carry their own rule (``workflow``).

- The property company that keeps the books writes costs, income and payments: it does the work and takes the money.
- Community staff (and administrators for them) open books, may do all of it where there is no company, and publish.
- The owners' committee writes costs and income, which are the owners', publishes and corrects, and answers for the
  fund. It sees sums, never what a neighbour owes: its members live next door.
- The party secretary publishes, corrects and answers for the fund beside it, for the party organisation leads and many
  old estates have no committee; the organiser looks, to prepare meetings. Neither takes money.
- Stewards, grid workers and departments see none of it. Residents see what is published of their estate, and their own
  charges, payments and receipts.
"""

from governance.models import Role
from governance.permissions import ADMIN_ONLY, STAFF, permit

COLLECTORS = frozenset([Role.ADMINISTRATOR, Role.COMMUNITY_STAFF, Role.PROPERTY_MANAGER])
KEEPERS = COLLECTORS | {Role.OWNERS_COMMITTEE_MEMBER}
READERS = KEEPERS | {Role.PARTY_SECRETARY, Role.ORGANISER}
RUNNERS = frozenset([Role.ADMINISTRATOR, Role.COMMUNITY_STAFF])

permit("property.estatebooks", view=READERS, add=RUNNERS)
for name in ("maintenancefund", "fundentry", "funduse", "disclosure"):
    permit(f"property.{name}", view=READERS)
# Who may draw them up may import them: lines, agreed shares, entries.
for name in ("costperiod", "costline", "agreedshare", "incomeentry"):
    permit(f"property.{name}", view=READERS, add=KEEPERS)
permit("property.charge", view=COLLECTORS)
permit("property.payment", view=COLLECTORS, add=COLLECTORS)
permit("property.disclosurerule", view=STAFF, add=ADMIN_ONLY, change=ADMIN_ONLY)
