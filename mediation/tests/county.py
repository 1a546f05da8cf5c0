"""The small city with mediation: units of three tiers, one person for each role, types of disputes.

``county.dispute()`` registers one at the village committee of ``community``; ``accepted()`` and ``mediating()`` bring
it further. ``county.user(role)`` works here, ``county.outsider(role)`` has the same role in the other community, street
or county; ``county.people["colleague"]`` is the committee's second mediator, ``["neighbour"]`` and
``["other_neighbour"]`` have accounts. ``NOW``: Tuesday 2026-06-02, 10:00.
"""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from unittest.mock import patch

from django.conf import settings
from django.contrib.auth.hashers import make_password

from conftest import PASSWORD, City
from governance.clock import SHANGHAI
from governance.models import Appointment, Area, OrgUnit, Role, User
from governance.workflow import act
from mediation.disputes import completeness
from mediation.disputes.consents import consent_record
from mediation.disputes.parties import PartyDraft
from mediation.disputes.registering import dispute_register
from mediation.models import (
    Consent,
    ConsentAnswer,
    ConsentTo,
    Dispute,
    DisputeState,
    DisputeType,
    PartySide,
    TerminationGround,
)

SINCE = date(2020, 1, 1)
NOW = datetime(2026, 6, 2, 10, 0, tzinfo=SHANGHAI)  # a Tuesday
S = DisputeState
UNITS = [  # name, kind, area
    ("medcom", "mediation_committee", "community"),
    ("other_medcom", "mediation_committee", "other_community"),
    ("medcentre", "mediation_centre", "street"),
    ("other_medcentre", "mediation_centre", "other_street"),
    ("govcentre", "governance_centre", "district"),
    ("other_govcentre", "governance_centre", "other_district"),
    ("court", "court", "district"),
    ("police", "department", "district"),
    ("counsel", "other", "district"),
]
PEOPLE = [  # key, role, unit, area
    ("village_mediator", Role.VILLAGE_MEDIATOR, "medcom", "community"),
    ("colleague", Role.VILLAGE_MEDIATOR, "medcom", "community"),
    ("outside_village_mediator", Role.VILLAGE_MEDIATOR, "other_medcom", "other_community"),
    ("township_mediator", Role.TOWNSHIP_MEDIATOR, "medcentre", "street"),
    ("outside_township_mediator", Role.TOWNSHIP_MEDIATOR, "other_medcentre", "other_street"),
    ("county_centre", Role.COUNTY_CENTRE, "govcentre", "district"),
    ("outside_county_centre", Role.COUNTY_CENTRE, "other_govcentre", "other_district"),
    ("joint_department", Role.JOINT_DEPARTMENT, "municipal", "district"),
    ("outside_joint_department", Role.JOINT_DEPARTMENT, "water", "district"),
    ("police_department", Role.JOINT_DEPARTMENT, "police", "district"),
    ("judges_clerk", Role.JUDGES_CLERK, "court", "district"),
    ("respected_helper", Role.RESPECTED_HELPER, "medcom", "community"),
    ("counsellor", Role.COUNSELLOR, "counsel", "district"),
]
ACCOUNTS = ["neighbour", "other_neighbour"]
# How a dispute comes into each state, from registered.
WAYS = {
    S.REGISTERED: [], S.AWAITING_CONSENT: ["submit_for_consent"], S.ACCEPTED: ["submit_for_consent", "accept"],
    S.MEDIATING: ["submit_for_consent", "accept", "begin"],
    S.AGREED: ["submit_for_consent", "accept", "begin", "agree"],
    S.TERMINATED: ["submit_for_consent", "accept", "begin", "terminate"],
    S.CLOSED: ["submit_for_consent", "accept", "begin", "terminate", "close"],
    S.ARCHIVED: ["submit_for_consent", "accept", "begin", "terminate", "close", "archive"],
    S.DECLINED: ["decline"], S.REFERRED: ["refer"],
    S.REOPENED: ["submit_for_consent", "accept", "begin", "terminate", "reopen"],
}  # fmt: skip
USUAL = {
    "terminate": {"ground": TerminationGround.NO_AGREEMENT, "how": "oral"},
    "decline": {"ground": "exclusive", "reason": "涉及不动产确权，只能由法院处理"},
    "refer": {"where": "court", "reason": "涉及不动产权属,应由法院处理"}, "reopen": {"reason": "双方又起争执"},
    "mark_violence": {"violence": True, "domestic_violence": False, "reason": "一方扬言动手"},
    "amend": {"title": "楼上漏水泡坏天花板和地板"},
}  # fmt: skip


@dataclass
class County:
    """See the module."""

    city: City
    units: dict[str, OrgUnit] = field(default_factory=dict)

    @property
    def people(self) -> dict[str, User]:
        return self.city.people

    @property
    def mediator(self) -> User:
        """The village mediator who registers and mediates unless a test says otherwise."""
        return self.city.user(Role.VILLAGE_MEDIATOR)

    def user(self, role) -> User:
        return self.city.user(role)

    def outsider(self, role) -> User:
        return self.city.outsider(role)

    def unit(self, code: str) -> OrgUnit:
        return self.units.get(code) or self.city.unit(code)

    def area(self, name: str) -> Area:
        return self.city.area(name)

    def type(self, code: str = "neighbours") -> DisputeType:
        return DisputeType.objects.get(code=code)

    def parties(self) -> list[PartyDraft]:
        """An applicant with an account, and a respondent without."""
        return [
            PartyDraft(side=PartySide.APPLICANT, name="何秀英", phone="13900003001", identity="990102197001011238",
                       user=self.people["neighbour"]),
            PartyDraft(side=PartySide.RESPONDENT, name="马国梁", phone="13900003002"),
        ]  # fmt: skip

    def dispute(self, **given) -> Dispute:
        """Register a general dispute of two neighbours at the village committee."""
        given = {
            "actor": self.mediator, "area": self.area("community"), "type": self.type(), "source": "application",
            "title": "楼上漏水泡坏天花板", "facts": "楼上卫生间漏水,楼下何家的天花板起泡脱落,两家为谁来修吵了三次。",
            "claim": "修好漏水并赔偿三千元", "amount": "3000.00", "parties": self.parties(),
        } | given  # fmt: skip
        if given["source"] == "court":
            given.setdefault("inviting_court", self.unit("court"))
        return dispute_register(**given)

    def consent(self, party, answer: str = ConsentAnswer.AGREED, what: str = ConsentTo.MEDIATION, **given) -> Consent:
        """Record what a party answered, as the mediator of the dispute."""
        given = {"actor": self.handler(party.dispute), "how": "written"} | given
        return consent_record(party=party, what=what, answer=answer, **given)

    def all_agree(self, dispute: Dispute, what: str = ConsentTo.MEDIATION, **given) -> Dispute:
        """Let every party agree."""
        for party in dispute.parties.all():
            self.consent(party, what=what, **given)
        return dispute

    def handler(self, dispute: Dispute) -> User:
        """Who carries the dispute on: its mediator, else the village mediator."""
        return self.people[dispute.mediator.username] if dispute.mediator_id else self.mediator

    def step(self, dispute: Dispute, step_name: str, /, *, by=None, **given) -> Dispute:
        """Carry a step out as the mediator, or whoever ``by`` is, with what its form usually gives."""
        if by is None and (step_name == "accept" or (step_name == "begin" and dispute.state == S.REOPENED)):
            self.all_agree(dispute)
        usual = dict(USUAL.get(step_name, {}))
        if step_name == "assign":
            usual = {"mediator": self.people["colleague"]}
        papers = [] if step_name == "archive" and by is None else completeness._checks
        with patch.object(completeness, "_checks", papers):  # whatever papers other topics ask for
            return act(dispute, step_name, actor=by or self.handler(dispute), **(usual | given))

    def in_state(self, state: str, **given) -> Dispute:
        """A dispute brought into a state."""
        dispute = self.dispute(**given)
        for name in WAYS[state]:
            dispute = self.step(dispute, name)
        return dispute

    def accepted(self, **given) -> Dispute:
        return self.in_state(S.ACCEPTED, **given)

    def mediating(self, **given) -> Dispute:
        return self.in_state(S.MEDIATING, **given)


def build_county(city: City) -> County:
    """Add what mediation wants to the small city."""
    password = make_password(PASSWORD)
    made = County(city)
    city.areas["other_district"] = Area.objects.create(
        kind="district", code="990103", name="另一区", parent=city.areas["city"]
    )
    city.areas["other_district"].refresh_from_db()
    units = [OrgUnit(code=name, name=f"{name}单位", kind=kind, area=city.areas[area]) for name, kind, area in UNITS]
    made.units = {unit.code: unit for unit in OrgUnit.objects.bulk_create(units)}
    keys = [key for key, *_rest in PEOPLE] + ACCOUNTS
    outside = {"respected_helper", "counsellor", *ACCOUNTS}
    users = [User(username=key, name=f"{key}员", is_staff=key not in outside, password=password) for key in keys]
    city.people |= {user.username: user for user in User.objects.bulk_create(users)}
    Appointment.objects.bulk_create(
        Appointment(user=city.people[key], unit=made.unit(unit), role=role, area=city.areas[area], valid_from=SINCE)
        for key, role, unit, area in PEOPLE
    )
    rows = json.loads((settings.BASE_DIR / "fixtures" / "0010_dispute_types.json").read_text())
    DisputeType.objects.bulk_create(DisputeType(**row["fields"]) for row in rows)
    return made
