"""Telling the police: a possible crime, danger of violence, domestic violence. Nobody's consent is asked."""

from datetime import datetime

from django.db.models import Case, Q, QuerySet, When
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.models import OrgUnit, UnitKind, User
from governance.transactions import atomically
from mediation.disputes.accepting import duty_to_report
from mediation.disputes.acting import grant_or_refuse, tell, words_check
from mediation.disputes.completeness import completeness_check
from mediation.disputes.querysets import HANDLES
from mediation.disputes.states import ReportGround
from mediation.models import Dispute, PoliceReport

# How police units are called: no kind of unit says it. It only puts them first and lets in those that are kept as other
# units; a police unit called otherwise is among the departments [J].
POLICE_NAMES = r"公安|派出所|警"


def police_units(dispute: Dispute) -> QuerySet[OrgUnit]:
    """Return the units for the place of a dispute to which it may be reported: the police first, then departments."""
    units = OrgUnit.objects.filter(is_active=True, area__in=dispute.area.lineage)
    named = Q(name__regex=POLICE_NAMES, kind__in=(UnitKind.DEPARTMENT, UnitKind.OTHER))
    return units.filter(named | Q(kind=UnitKind.DEPARTMENT)).order_by(Case(When(named, then=0), default=1), "code")


def police_report(dispute: Dispute, *, actor: User, ground: str, words: str = "", unit: OrgUnit | None = None,
                  reference: str = "", at: datetime | None = None) -> PoliceReport:  # fmt: skip
    """Write down that the police were told, in any state of the dispute. Raises NotPermitted, Invalid naming the field.

    Whoever wants to end the mediation with it refers the dispute to the police (``dispute_refer``).
    """
    at = at or timezone.now()
    words_check(words=words, longest=1000)
    words_check(reference=reference, longest=40)
    if ground not in ReportGround.values:
        raise Invalid(_("Choose one of the values."), field="ground", code="invalid_choice")
    if at > timezone.now():
        raise Invalid(_("This time lies in the future."), field="at", code="in_future")
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        grant = grant_or_refuse(HANDLES, held, actor)
        row = PoliceReport.objects.create(
            dispute=held, ground=ground, words=words.strip(), unit=unit, reference=reference.strip(),
            reported_by=actor, at=at,
        )  # fmt: skip
        tell("dispute.police_told", held, actor=actor, grant=grant, at=at, ground=ground,
             unit=unit.pk if unit else None)  # fmt: skip
    return row


@completeness_check
def report_missing(dispute: Dispute):
    """Violence in a family against somebody who cannot help themselves: the police know (反家暴法 14)."""
    if duty_to_report(dispute) and not dispute.police_reports.exists():
        yield _("The report to the police is missing.")
