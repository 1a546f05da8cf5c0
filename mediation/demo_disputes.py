"""Disputes of the last weeks in the fictional city: at every stage, told through the services at their times.

Needs the fixtures of the city loaded. ``load_disputes`` leaves some running, which the other topics go on with.
"""

import json
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from cases.demo_material import FOLDER
from governance.clock import SHANGHAI
from governance.models import Area, OrgUnit, User
from governance.workflow import act
from mediation.disputes.consents import consent_record
from mediation.disputes.parties import PartyDraft
from mediation.disputes.police import police_report
from mediation.disputes.registering import dispute_register
from mediation.models import ConsentAnswer, ConsentTo, Dispute, DisputeType, PartySide

AREA = "990102001002"
DAY = timedelta(days=1)
PEOPLE = {"general": 2, "complex": 8, "major": 43}
GIVEN = {
    "terminate": {"ground": "no_agreement", "how": "oral"},
    "refer": {"where": "court", "reason": "涉及不动产权属确认，告知向人民法院起诉。"},
    "mark_violence": {"violence": True, "domestic_violence": True, "reason": "邻居证实当晚有肢体冲突。"},
}  # fmt: skip


def load_disputes(*, now: datetime | None = None) -> int:
    """Write the disputes of the last weeks; returns how many there are."""
    now = now or timezone.now()
    with transaction.atomic():
        area, types = Area.objects.get(code=AREA), {row.code: row for row in DisputeType.objects.all()}
        for number, row in enumerate(json.loads((FOLDER / "disputes.json").read_text())):
            _told(row, number, area, types, now)
    return Dispute.objects.count()


def _told(row: dict, number: int, area: Area, types: dict, now: datetime) -> None:
    at = datetime.combine(now.astimezone(SHANGHAI).date() - row["days_ago"] * DAY, time(9, 30), SHANGHAI)
    actor = User.objects.get(username=row["who"])
    parties = [
        PartyDraft(side=side, name=row[side], phone=f"+9990000{7100 + 2 * number + place}",
                   kind="organisation" if len(row[side]) > 4 else "person")
        for place, side in enumerate((PartySide.APPLICANT, PartySide.RESPONDENT))
    ]  # fmt: skip
    told = {name: row[name] for name in ("tier", "title", "facts", "claim", "amount")}
    dispute = dispute_register(
        actor=actor, area=area, type=types[row["type"]], source="application", people=PEOPLE[row["tier"]],
        parties=parties, occurred_at=at, **told,
    )  # fmt: skip
    for name in row["steps"].split():
        at = min(at + DAY, now)
        if name == "accept":
            _agreed(dispute, actor, at)
        dispute = act(dispute, name, actor=actor, occurred_at=at, **GIVEN.get(name, {}))
    if dispute.domestic_violence:
        unit = OrgUnit.objects.filter(code="police").first()
        police_report(dispute, actor=actor, ground="domestic", words="已电话告知派出所值班室。", unit=unit, at=at)


def _agreed(dispute: Dispute, actor: User, at: datetime) -> None:
    for party in dispute.parties.all():
        consent_record(actor=actor, party=party, what=ConsentTo.MEDIATION, answer=ConsentAnswer.AGREED, how="written",
                       at=at)  # fmt: skip
