"""Rows of joint work in every state, for the tests: what each step needs, given as people give it."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from governance.models import OpeningHours, Venue
from governance.scoping import forget_grants
from governance.workflow import act
from mediation.disputes.consents import consent_record
from mediation.disputes.states import ConsentTo
from mediation.joint.invitations import invitation_propose
from mediation.joint.respected_helpers import helper_register
from mediation.joint.sittings import sitting_plan
from mediation.joint.tasks import tasks_ask
from mediation.joint.tiers import tier_escalate
from mediation.joint.tracks import track_invite
from mediation.models import Dispute, RespectedHelper
from mediation.tests.county import County

WAYS = {
    "escalationrequest": {"requested": [], "accepted": ["accept"], "carried_out": ["accept", "take_over"],
                          "declined": ["decline"], "withdrawn": ["withdraw"]},
    "track": {"invited": [], "accepted": ["accept"], "working": ["accept", "begin"],
              "result": ["accept", "begin", "hand_in"], "declined": ["decline"]},
    "departmenttask": {"asked": [], "answered": ["answer"], "closed": ["close"]},
    "sitting": {"planned": [], "held": ["hold"], "cancelled": ["cancel"]},
    "respectedhelper": {"active": [], "suspended": ["suspend"], "left": ["leave"]},
    "helperinvitation": {"proposed": [], "invited": ["send"], "accepted": ["send", "accept"],
                         "declined": ["send", "decline"], "withdrawn": ["withdraw"],
                         "thanked": ["send", "accept", "thank"]},
}  # fmt: skip


@dataclass
class Work:
    """``county`` with a dispute of each tier and rows of joint work. ``actor_of`` says who usually does a step."""

    county: County

    def user(self, key: str):
        forget_grants(self.county.people[key])
        return self.county.people[key]

    def general(self, **given) -> Dispute:
        return self.county.mediating(**given)

    def raised(self, tier: str = "complex", **given) -> Dispute:
        """A dispute in mediation that the unit of a higher tier has taken over."""
        dispute = self.general(**given)
        request = tier_escalate(dispute, actor=self.user("village_mediator"), reason="双方各执一词", to_tier=tier)
        self.step(self.step(request, "accept"), "take_over")
        return Dispute.objects.get(pk=dispute.pk)

    def upper(self, dispute: Dispute):
        return self.user("county_centre" if dispute.tier == "major" else "township_mediator")

    def made(self, model: str, **given):
        """Make a fresh row."""
        return getattr(self, f"make_{model}")(**given)

    def make_escalationrequest(self, dispute=None, **given):
        dispute = dispute or self.general()
        return tier_escalate(dispute, **({"actor": self.user("village_mediator"), "reason": "双方各执一词"} | given))

    def make_track(self, dispute=None, **given):
        dispute = dispute or self.raised()
        given = {"actor": self.upper(dispute), "kind": "administrative", "organ": self.county.unit("police"),
                 "briefing": "请就漏水责任组织行政调解", "legal_basis": "治安管理处罚法第九条"} | given  # fmt: skip
        return track_invite(dispute, **given)

    def make_departmenttask(self, dispute=None, **given):
        dispute = dispute or self.raised("major")
        given = {"actor": self.user("county_centre"), "units": [self.county.unit("municipal")],
                 "facts": "排水管在公共部位", "question": "管道由谁维修?",
                 "answer_by": timezone.localdate() + timedelta(days=5)} | given  # fmt: skip
        return tasks_ask(dispute, **given)[0]

    def make_sitting(self, dispute=None, **given):
        dispute = dispute or self.general()
        now = timezone.now()
        given = {"actor": self.user("village_mediator"), "kind": "on_site", "place": "何家楼下",
                 "starts_at": now - timedelta(minutes=5), "ends_at": now + timedelta(hours=1)} | given  # fmt: skip
        return sitting_plan(dispute, **given)

    def make_respectedhelper(self, **given):
        found = RespectedHelper.objects.filter(user=self.county.people["respected_helper"]).first()
        if found is not None and not given:
            return found
        given = {"actor": self.user("village_mediator"), "user": self.county.people["respected_helper"],
                 "area": self.county.area("community"), "standing": "teacher", "about": "教书四十年",
                 "fields": [self.county.type()], "languages": ["普通话", "本地话"]} | given  # fmt: skip
        return helper_register(**given)

    def make_helperinvitation(self, dispute=None, **given):
        dispute = dispute or self.general()
        given = {"actor": self.user("village_mediator"), "helper": self.make_respectedhelper(),
                 "summary": "楼上楼下为漏水有争执",
                 "until": timezone.localdate() + timedelta(days=10)} | given  # fmt: skip
        return invitation_propose(dispute, **given)

    def agree(self, dispute: Dispute, what: str, about, answer: str = "agreed"):
        """Let every party answer about a person, as told to whoever handles the dispute."""
        handler = self.user("village_mediator") if dispute.tier == "general" else self.upper(dispute)
        for party in dispute.parties.all():
            consent_record(actor=handler, party=party, what=what, answer=answer, how="oral", about=about)

    def actor_of(self, row, name: str):
        """Who usually does a step."""
        model = row._meta.model_name
        if model == "escalationrequest":
            taker = {"complex": "township_mediator", "major": "county_centre", "general": "village_mediator"}
            return self.user("village_mediator" if name == "withdraw" else taker[row.to_tier])
        if model == "track":
            return self.upper(row.dispute) if name in ("take_lead", "give_up") else self.user("police_department")
        if model == "departmenttask":
            return self.user("joint_department" if name == "answer" else "county_centre")
        if model == "helperinvitation" and name in ("accept", "decline"):
            return self.user("respected_helper")
        return self.user("village_mediator")

    def usual(self, row, name: str) -> dict:
        """What a step is usually given; the parties agree where they are asked."""
        model, now = row._meta.model_name, timezone.now()
        if model == "escalationrequest":
            if name == "take_over":
                self.agree(row.dispute, ConsentTo.MEDIATOR, row.mediator)
            if name in ("accept", "name_mediator"):
                return {"mediator": self.actor_of(row, name)}
        if model == "helperinvitation" and name == "send":
            self.agree(row.dispute, ConsentTo.HELPER, row.helper.user)
        usual = {
            ("track", "accept"): {"legal_basis": "治安管理处罚法第九条"},
            ("track", "hand_in"): {"result": "双方同意分担", "document": "行政调解书〔2026〕1号"},
            ("track", "correct"): {"result": "双方同意平分", "document": "行政调解书〔2026〕1号"},
            ("departmenttask", "answer"): {"answer": "由业主共同维修"},
            ("departmenttask", "ask_again"): {"answer_by": timezone.localdate() + timedelta(days=9)},
            ("sitting", "move"): {"starts_at": now + timedelta(days=1), "ends_at": now + timedelta(days=1, hours=1)},
            ("sitting", "amend"): {"kind": "on_site", "place": "村委会"},
            ("helperinvitation", "accept"): {"no_conflict": True},
            ("helperinvitation", "thank"): {"hours": 3, "thanks": "多谢蔡老师"},
            ("helperinvitation", "correct"): {"hours": 4, "thanks": "多谢蔡老师"},
            ("respectedhelper", "amend"): {"standing": "elder", "about": "老支书", "languages": ["本地话"],
                                           "interests": "", "fields": []},
        }.get((model, name), {})  # fmt: skip
        return dict(usual)

    def step(self, row, step_name: str, /, *, by=None, **given):
        """Carry a step out."""
        usual = self.usual(row, step_name) | {"reason": "情况有变"}
        return act(row, step_name, actor=by or self.actor_of(row, step_name), **(usual | given))

    def in_state(self, model: str, state: str, **given):
        row = self.made(model, **given)
        for name in WAYS[model][state]:
            row = self.step(row, name)
        return row

    def room(self, code: str = "lt") -> Venue:
        """A room of the community, open all week."""
        venue = Venue.objects.create(code=code, name="调解室", area=self.county.area("community"), capacity=20,
                                     unit=self.county.unit("committee"))  # fmt: skip
        OpeningHours.objects.bulk_create(
            OpeningHours(venue=venue, weekday=day, opens="08:00", closes="20:00") for day in range(7)
        )
        return venue
