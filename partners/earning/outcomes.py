"""Points for outcomes that another topic has evaluated (projects): by the same rules and caps, from its evidence."""

from datetime import date, datetime
from decimal import Decimal

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Invalid, NotPermitted
from governance.events import record
from governance.scoping import grant_for
from governance.transactions import atomically
from partners.earning.checks import whole_checked
from partners.earning.deciding import (
    Measured,
    earning_book,
    earning_of,
    earning_reverse,
    partner_lock,
    reckoned,
    refuse_own,
    rule_needed,
)
from partners.earning.querysets import RUNS, SYSTEM
from partners.models import Earning, KindUse, Partner, ServiceKind
from partners.models.service import MOST_QUANTITY

PAYS = RUNS | SYSTEM


def outcome_pay(*, evidence: Model, partner: Partner, kind: ServiceKind, actor, quantity: int = 1,
                hours: Decimal | None = None, share: int = 100, day: date | None = None,
                occurred_at: datetime | None = None) -> Earning:  # fmt: skip
    """Pay a partner the points of an evaluated outcome, once an ``evidence`` row; paid already it is the same answer.

    ``kind``: a kind of service used for projects; ``share``: percent of the tariff that the outcome is worth; ``day``:
    which day's rule and caps hold (default: today). Call it in the transaction of the evaluation; who asks has had the
    outcome approved (a second person is the caller's matter). Raises NotPermitted (also for the own outcome), Invalid,
    Conflict (no rule, no account).
    """
    at = occurred_at or timezone.now()
    if kind.use != KindUse.PROJECT:
        raise Invalid(_("This kind is not for projects."), field="kind", code="invalid")
    whole_checked(share, "share", 0, 100)
    whole_checked(quantity, "quantity", 1, MOST_QUANTITY)
    label = evidence._meta.label_lower
    with atomically():
        locked = partner_lock(partner)
        grant = grant_for(PAYS, Earning(partner=locked, area=locked.area), actor)
        if grant is None:
            raise NotPermitted(_("You may not do this with these points."))
        refuse_own(locked, actor)
        if found := earning_of(evidence):
            return found
        what = Measured(kind, day or timezone.localdate(at), quantity, hours, share)
        rule = rule_needed(kind, locked.area, what.day)
        earning = earning_book(
            locked, what, rule=rule, found=reckoned(locked, what, rule), evidence=(label, evidence.pk), actor=actor,
            reason="project", occurred_at=occurred_at,
        )  # fmt: skip
        payload = {"partner": locked.pk, "kind": kind.code, "points": earning.points, "share": share}
        record("outcome.paid", earning, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return earning


def outcome_take_back(*, evidence: Model, partner: Partner, actor, occurred_at: datetime | None = None) -> Earning:
    """Reverse the points of an outcome. Raises NotPermitted, Conflict (``ended``)."""
    with atomically():
        locked = partner_lock(partner)
        if grant_for(PAYS, Earning(partner=locked, area=locked.area), actor) is None:
            raise NotPermitted(_("You may not do this with these points."))
        refuse_own(locked, actor)
        label = evidence._meta.label_lower
        return earning_reverse((label, evidence.pk), actor=actor, reason="project", occurred_at=occurred_at)
