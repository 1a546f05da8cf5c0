"""The world of the walk: disputes of every tier, one of domestic violence, one on site, one elsewhere; everybody.

``general`` holds a row of everything (``world.py``). Every class of field of every dispute has a mark of its own, so
that a page tells which dispute, and what of it, it shows. Nobody is named here who is not in ``Role``: a role without
a person fails the walk until it is placed in ``PLACED``.
"""

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import time_machine
from django.contrib import admin
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import override_settings
from django.utils import timezone

from conftest import SINCE, build_city
from governance.attachments import attach
from governance.models import Appointment, AttachmentPurpose, Role, User
from governance.photos import inspect_upload
from governance.scoping import forget_grants
from governance.tests.test_photos import encoded, picture
from governance.workflow import act
from mediation.access import access_record
from mediation.agreements.drafting import Owed
from mediation.agreements.tests.deals import effective, parties
from mediation.disputes.parties import PartyDraft
from mediation.joint.notes import note_write
from mediation.joint.tests.work import Work
from mediation.models import Dispute, FollowUpVisit, HelperInvitation, PartySide
from mediation.papers.links import link_make
from mediation.tests.county import NOW, County, build_county
from mediation.tests.world import MARKS, hazard_of, whole

# What nobody in the small city is: they work in the community, or act for a unit from outside.
PLACED = [
    Role.STEWARD, Role.PARTY_SECRETARY, Role.ORGANISER, Role.PROPERTY_MANAGER, Role.OWNERS_COMMITTEE_MEMBER,
    Role.PARTNER_MANAGER, Role.PARTNER, Role.MERCHANT, Role.EVALUATOR,
]  # fmt: skip
OUTSIDE = {Role.PARTNER, Role.MERCHANT, Role.EVALUATOR}
# Which nobody signs in as, and which everybody has who signs in (neighbours of the county).
NOT_HELD = {Role.SYSTEM, Role.RESIDENT}
NOTICES = ("0010_hazard_notices", "0011_agreement_notices", "0012_followup_notices", "0012_glass_notices",
           "0012_mediation_notices", "0013_joint_notices", "0014_answer_notices")  # fmt: skip

# The words of each dispute's marks begin alike; figures and numbers are its own.
SIGNS = {"complex": "柞蚕", "major": "槭叶", "violent": "楝花", "onsite": "榆荚", "foreign": "梣木"}
FIGURES = {"complex": "51237", "major": "62348", "violent": "73459", "onsite": "84561", "foreign": "95672"}
CLASSES = ("title", "facts", "claim", "name", "agreement", "caucus", "record", "reason", "briefing", "task", "answer",
           "other_task", "place", "result", "hazard")  # fmt: skip
ENDS = dict(zip(CLASSES, "甲乙丙丁戊己庚辛壬癸子丑寅卯辰", strict=True))


def mark(tag: str, kind: str) -> str:
    """Return what a class of field looks like in a dispute."""
    if tag == "general":
        return MORE.get(kind) or MARKS[kind]
    number = FIGURES[tag]
    return {"amount": number, "phone": f"139000{number}", "identity": f"PASS{number}"}.get(
        kind, f"{SIGNS[tag]}{ENDS.get(kind, '')}字样"
    )


MORE = {"attempt": "敲门无人门口贴了条"}
SHOWN = {
    (tag, kind): mark(tag, kind)
    for tag in ("general", *SIGNS)
    for kind in ([*MARKS, *MORE] if tag == "general" else [*CLASSES, "amount", "phone", "identity"])
}


def found_in(text: str) -> set[tuple[str, str]]:
    """Return what a text tells: (dispute, class of field)."""
    plain = text.replace(",", "") if "," in text else text
    return {what for what, words in SHOWN.items() if words in text or words in plain}


@dataclass
class Scene:
    """``disputes`` by their names; ``tokens``: of the links of parties, by the dispute's name; ``uploads``: where the
    files of disputes lie."""

    county: County
    uploads: Path
    disputes: dict[str, Dispute] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def user(self, key: str) -> User:
        """Return a person who remembers no roles, as in a request of its own."""
        forget_grants(self.county.people[key])
        return self.county.people[key]

    def first_of_their_role(self) -> set[str]:
        """Return the people who are walked wholly: one of each role, and those who have none."""
        held = Appointment.objects.order_by("pk").values_list("role", "user__username")
        first = dict(reversed(held))
        return {*first.values(), *(set(self.county.people) - {name for _role, name in held})}

    def tag(self, dispute_id: int) -> str:
        return next(name for name, dispute in self.disputes.items() if dispute.pk == dispute_id)


def plain_refusals(monkeypatch) -> None:
    """Refuse without drawing a page of the administration around it, which is most of the time of a walk. What those
    pages tell is held against each other in ``test_attacker.py``."""
    for status in (403, 404):
        monkeypatch.setattr(f"governance.config.urls.handler{status}",
                            lambda request, exception=None, status=status: HttpResponse(status=status))  # fmt: skip
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)


def no_side_bar(monkeypatch) -> None:
    """Leave out what stands beside every page of the administration, the same everywhere: it tells of no row."""
    monkeypatch.setattr(admin.site, "get_sidebar_list", lambda request: [])
    monkeypatch.setattr(admin.site, "get_app_list", lambda request, app_label=None: [])


def a_scene(blocker, uploads: Path) -> Iterator[Scene]:
    """The world for the tests of a module, rolled back after them (a module's fixture yields from it)."""
    with blocker.unblock(), transaction.atomic(), time_machine.travel(NOW, tick=False):
        with override_settings(MEDIA_ROOT=uploads):
            built = _built(uploads)
        yield built
        transaction.set_rollback(True)


# Higher than the numbers that pages give as examples (D000012): they are no dispute of the scene.
FIRST_NUMBER = """
SELECT setval(pg_get_serial_sequence('mediation_dispute', 'id'),
              greatest(100, nextval(pg_get_serial_sequence('mediation_dispute', 'id'))))
"""


def _built(uploads: Path) -> Scene:
    with connection.cursor() as cursor:
        cursor.execute(FIRST_NUMBER)
    county = build_county(build_city())
    _placed(county)
    for name in NOTICES:
        call_command("loaddata", f"fixtures/{name}.json", verbosity=0, stdout=io.StringIO())
    scene, work = Scene(county, uploads), Work(county)
    scene.disputes = {
        "complex": _complex(work), "major": _major(work), "violent": _violent(work), "onsite": _onsite(county),
        "foreign": _foreign(work), "general": _general(county),
    }  # fmt: skip
    for name, dispute in scene.disputes.items():
        dispute = Dispute.objects.get(pk=dispute.pk)
        scene.disputes[name] = dispute
        _left, scene.tokens[name] = link_make(
            parties(dispute)[0], actor=_mediator(county, dispute), reason="当面交给本人"
        )
        access_record(dispute, actor=_mediator(county, dispute))
    return scene


def _mediator(county: County, dispute: Dispute) -> User:
    user = county.people[dispute.mediator.username]
    forget_grants(user)
    return user


def _placed(county: County) -> None:
    made = [User(username=str(role), name=f"{role}员", is_staff=role not in OUTSIDE) for role in PLACED]
    county.city.people |= {user.username: user for user in User.objects.bulk_create(made)}
    unit, area = county.unit("committee"), county.area("community")
    Appointment.objects.bulk_create(
        Appointment(user=county.people[role], unit=unit, role=role, area=area, valid_from=SINCE) for role in PLACED
    )


def _words(tag: str) -> dict:
    """What is told of a dispute when it is registered: marks in each field, the applicant fully known."""
    return {
        "title": mark(tag, "title"), "facts": mark(tag, "facts"), "claim": mark(tag, "claim"),
        "amount": f"{mark(tag, 'amount')}.00",
        "parties": [
            PartyDraft(side=PartySide.APPLICANT, name=mark(tag, "name"), phone=mark(tag, "phone"),
                       identity=mark(tag, "identity")),
            PartyDraft(side=PartySide.RESPONDENT, name="马国梁", phone="13900003002"),
        ],
    }  # fmt: skip


def _noted(tag: str, dispute: Dispute, actor: User) -> Dispute:
    """A note of each kind by who mediates."""
    for kind in ("record", "caucus"):
        note_write(dispute, actor=actor, kind=kind, text=mark(tag, kind))
    return dispute


def _complex(work: Work) -> Dispute:
    """Taken over by the township; three tracks, one with a result; a sitting with a place."""
    dispute = work.raised("complex", **_words("complex"))
    county, organs = work.county, {"people": "medcom", "administrative": "police", "judicial": "court"}
    for kind, organ in organs.items():
        track = work.make_track(dispute, kind=kind, organ=county.unit(organ), briefing=mark("complex", "briefing"))
        if kind == "administrative":
            for step in ("accept", "begin"):
                track = work.step(track, step)
            work.step(track, "hand_in", result=mark("complex", "result"))
    work.make_sitting(dispute, actor=work.user("township_mediator"), place=mark("complex", "place"))
    owed = [Owed(parties(dispute)[1], mark("complex", "agreement"), timezone.localdate() + timedelta(days=9))]
    effective(county, dispute, clauses=[mark("complex", "agreement")], obligations=owed)
    # Organs read their track of an open one only, and who had not answered was asked no more when it ended.
    Dispute.objects.filter(pk=dispute.pk).update(state="mediating")
    dispute.tracks.filter(state="ended").update(state="invited", ended_at=None)
    return _noted("complex", dispute, work.user("township_mediator"))


def _major(work: Work) -> Dispute:
    """Taken over by the county; two departments have a task each, one has answered."""
    dispute = work.raised("major", **_words("major"))
    first, other = work.county.unit("municipal"), work.county.unit("water")
    task = work.make_departmenttask(dispute, units=[first], facts=mark("major", "task"), question="谁来修?")
    work.step(task, "answer", answer=mark("major", "answer"))
    work.make_departmenttask(dispute, units=[other], facts=mark("major", "other_task"), question="几时开工?")
    return _noted("major", dispute, work.user("county_centre"))


def _violent(work: Work) -> Dispute:
    """Domestic violence, at the village, of a hazard that was grave: the township read it until then."""
    dispute = work.general(domestic_violence=True, type=work.county.type("marriage_family"), **_words("violent"))
    found = hazard_of(work.county, dispute, mark("violent", "hazard"), violence=True, urgency="urgent")
    later = [inspect_upload(encoded(picture()))]
    attach(found, later, purpose=AttachmentPurpose.EVIDENCE, actor=work.user("village_mediator"))
    return _noted("violent", dispute, work.user("village_mediator"))


def _onsite(county: County) -> Dispute:
    """Given to the grid worker, who mediates on the spot."""
    dispute = county.mediating(**_words("onsite"))
    return act(dispute, "assign", actor=county.mediator, mediator=county.people["grid_worker"])


def _foreign(work: Work) -> Dispute:
    """In the other street, at its own village."""
    actor = work.user("outside_village_mediator")
    dispute = work.general(actor=actor, area=work.county.area("other_community"), **_words("foreign"))
    return _noted("foreign", dispute, actor)


def _general(county: County) -> Dispute:
    """A row of everything; its first visit is late after an attempt in vain; a second, proposed helper."""
    dispute = whole(county)
    visit = FollowUpVisit.objects.with_rows().filter(dispute=dispute, kind="week").get()
    FollowUpVisit.objects.filter(pk=visit.pk).update(state="due", due_on=timezone.localdate())
    visit = FollowUpVisit.objects.with_rows().get(pk=visit.pk)
    act(visit, "miss", actor=county.mediator, reason=MORE["attempt"])
    FollowUpVisit.objects.filter(pk=visit.pk).update(state="overdue")
    assert HelperInvitation.objects.filter(dispute=dispute, state="invited").exists()
    return dispute
