"""What notices may say about assemblies, sessions, topics and follow-up items, and who has a part in them."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.events import on
from governance.models import Appointment, User
from governance.notices import Parties, notice_context, notify_if_kept
from governance.notices.telling import moment
from property.assembly.invitation_workflow import InvitationState
from property.assembly.session_workflow import SessionState
from property.models import AgendaItem, Assembly, AssemblySession, FollowUpItem, SeatRole

# Steps of a session of which everybody who is asked is told, with the template that tells it.
TOLD_TO_ALL = {
    "session.noticed": "session_noticed",
    "session.reminded": "session_reminded",
    "session.postponed": "session_called_off",
    "session.cancelled": "session_called_off",
    "session.minuted": "session_minuted",
    "session.rescheduled": "session_moved",
    "session.published": "session_published",
}
PLACE = {"assembly": _("assembly"), "area": _("area"), "state": _("state")}
TIMES = {"month": _("month"), "starts": _("begins"), "place": _("place")}


@notice_context(
    "property.assembly",
    variables={"assembly": _("assembly"), "area": _("area")},
    rows=lambda: Assembly.objects.with_rows().prefetch_related("seats"),
)
def assembly_words(assembly: Assembly, *, public: bool) -> dict:
    """Return an assembly in texts."""
    url = reverse("admin:property_assembly_change", args=[assembly.pk]) if not public else ""
    return {"assembly": assembly.name, "area": assembly.area.name, "url": url}


def units_asked(session: AssemblySession) -> Parties:
    """The units that are asked; reads the prefetched ``invitations``."""
    units = [row.unit_id for row in session.invitations.all() if row.unit_id and row.state != "withdrawn"]
    return Parties({"lead": units})


@notice_context(
    "property.assemblysession",
    variables=PLACE | TIMES,
    rows=lambda: AssemblySession.objects.with_rows(),
    parties=units_asked,
)
def session_words(session: AssemblySession, *, public: bool) -> dict:
    """Return a session in texts. Residents read their own page of it."""
    page = "residents_assembly:session" if public else "admin:property_assemblysession_change"
    return {
        "assembly": session.assembly.name,
        "area": session.area.name,
        "state": session.get_state_display(),
        "month": f"{session.month:%Y-%m}",
        "starts": moment(session.starts_at),
        "place": session.place_text,
        "url": reverse(page, args=[session.pk]),
    }


@notice_context(
    "property.agendaitem",
    variables=PLACE | {"number": _("number")},
    rows=lambda: AgendaItem.objects.select_related("assembly", "area", "session"),
    parties=lambda topic: Parties(reporter=topic.proposer_id),
)
def topic_words(topic: AgendaItem, *, public: bool) -> dict:
    """Return a topic in texts; its words are somebody's and stay on its page."""
    page = "residents_assembly:topic" if public else "admin:property_agendaitem_change"
    return {
        "assembly": topic.assembly.name,
        "area": topic.area.name,
        "state": topic.get_state_display(),
        "number": topic.number,
        "url": reverse(page, args=[topic.pk]),
    }


@notice_context(
    "property.followupitem",
    variables=PLACE | {"number": _("number"), "due": _("until"), "owner_unit": _("unit that does it")},
    rows=lambda: FollowUpItem.objects.select_related("assembly", "area", "owner_unit"),
    parties=lambda item: Parties({"lead": [item.owner_unit_id] if item.owner_unit_id else []}, item.owner_id),
)
def follow_up_words(item: FollowUpItem, *, public: bool) -> dict:
    """Return a follow-up item in texts."""
    url = reverse("residents_assembly:home" if public else "admin:property_followupitem_change",
                  args=[] if public else [item.pk])  # fmt: skip
    return {
        "assembly": item.assembly.name,
        "area": item.area.name,
        "state": item.get_state_display(),
        "number": item.number,
        "due": f"{item.due_on:%Y-%m-%d}",
        "owner_unit": item.owner_unit.name if item.owner_unit else "",
        "url": url,
    }


@on("session.invited")
def told_late(event, session) -> None:
    """Tell who is asked after the notice, a person or the people of a unit, what the others were told by it."""
    if session.state not in (SessionState.NOTICED, SessionState.IN_SESSION):
        return
    of_unit = Appointment.objects.in_force().order_by().filter(unit=event.payload.get("unit"))
    asked = Q(pk=event.payload.get("person")) | Q(pk__in=of_unit.values("user"))
    people = User.objects.filter(asked, is_active=True, is_system=False).exclude(pk=event.actor_id)
    notify_if_kept(people, "session_noticed", subject=session)


@on(*TOLD_TO_ALL)
def told_to_all(event, session) -> None:
    """Tell the people who are asked by themselves; units are told by the rules of notices.

    A place that has removed the template tells nobody.
    """
    key = TOLD_TO_ALL[event.name]
    asked = session.invitations.exclude(state=InvitationState.WITHDRAWN).exclude(person=None)
    if event.name == "session.minuted":  # listeners read the minutes once they are published
        asked = asked.exclude(role=SeatRole.LISTENER)
    people = User.objects.filter(pk__in=asked.exclude(person=event.actor_id).values("person_id"), is_active=True)
    notify_if_kept(people.order_by("pk"), key, subject=session)
