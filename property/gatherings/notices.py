"""What notices may say about neighbours' events, and who is told what: people signed up, offered a place, asked."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.events import on
from governance.models import Residency, User
from governance.notices import Parties, notice_context, notify_if_kept
from governance.notices.telling import moment
from property.gatherings.public import sign_up_open
from property.models import NeighbourEvent, PhotoConsent, SignUp, SkillEntry, SkillMatch, Volunteering

# Steps of an event of which everybody signed up and everybody who helps is told.
TOLD_TO_ALL = {
    "gathering.reminded": "gathering_reminded",
    "gathering.postponed": "gathering_called_off",
    "gathering.cancelled": "gathering_called_off",
    "gathering.rescheduled": "gathering_rescheduled",
}
TOLD_TO_ONE = {
    "sign_up.offered": "sign_up_offered",
    "sign_up.lapsed": "sign_up_lapsed",
}
# Who cannot sign up again is not told to.
OVER = "sign_up_over"
EVENT_WORDS = {"title": _("title"), "area": _("area"), "state": _("state"), "starts": _("begins"), "place": _("place")}


def _event_words(event: NeighbourEvent, public: bool) -> dict:
    page = "residents_gatherings:event" if public else "admin:property_neighbourevent_change"
    return {
        "title": event.title, "area": event.area.name, "state": event.get_state_display(),
        "starts": moment(event.starts_at), "place": event.place_text, "url": reverse(page, args=[event.pk]),
    }  # fmt: skip


@notice_context(
    "property.neighbourevent",
    variables=EVENT_WORDS,
    rows=lambda: NeighbourEvent.objects.with_rows(),
    parties=lambda event: Parties({"lead": [event.unit_id]}),
)
def event_words(event: NeighbourEvent, *, public: bool) -> dict:
    """Return an event in texts; residents read their own page of it."""
    return _event_words(event, public)


@notice_context(
    "property.signup",
    variables=EVENT_WORDS | {"until": _("offered until")},
    rows=lambda: SignUp.objects.with_rows(),
    parties=lambda row: Parties({"lead": [row.event.unit_id]}, row.person_id),
)
def sign_up_words(row: SignUp, *, public: bool) -> dict:
    """Return a sign-up in texts: the event, and until when a place is held."""
    until = moment(row.offered_until) if row.offered_until else ""
    return _event_words(row.event, public) | {"state": row.get_state_display(), "until": until}


@notice_context(
    "property.photoconsent",
    variables={"title": _("title"), "area": _("area")},
    rows=lambda: PhotoConsent.objects.with_rows(),
    parties=lambda row: Parties({}, row.person_id),
)
def consent_words(row: PhotoConsent, *, public: bool) -> dict:
    """Return what somebody is asked: about a photo of which event."""
    page, args = "admin:property_eventphoto_change", [row.photo_id]
    if public:
        page, args = "residents_gatherings:consents", []
    return {"title": row.event.title, "area": row.area.name, "url": reverse(page, args=args)}


@notice_context(
    "property.skillentry",
    variables={"area": _("area"), "state": _("state"), "kind": _("kind")},
    rows=lambda: SkillEntry.objects.with_rows(),
    parties=lambda entry: Parties({}, entry.person_id),
)
def entry_words(entry: SkillEntry, *, public: bool) -> dict:
    """Return an offer or want in texts: its kind of skill, nobody's words."""
    page = "residents_gatherings:skill" if public else "admin:property_skillentry_change"
    return {
        "area": entry.area.name, "state": entry.get_state_display(), "kind": entry.category.name,
        "url": reverse(page, args=[entry.pk]),
    }  # fmt: skip


@notice_context(
    "property.skillmatch",
    variables={"area": _("area"), "state": _("state"), "offer": _("offer"), "want": _("want")},
    rows=lambda: SkillMatch.objects.with_rows(),
)
def match_words(match: SkillMatch, *, public: bool) -> dict:
    """Return a match in texts: the kinds of skill, nobody's words."""
    url = (
        reverse("residents_gatherings:skills")
        if public
        else reverse("admin:property_skillmatch_change", args=[match.pk])
    )
    return {
        "area": match.area.name, "state": match.get_state_display(), "offer": match.offer.category.name,
        "want": match.want.category.name, "url": url,
    }  # fmt: skip


def _told(people: Iterable[int], key: str, subject, *, besides: int | None) -> None:
    """Tell people by a template; a place that has removed the template tells nobody."""
    found = User.objects.filter(pk__in=set(people) - {besides, None}, is_active=True).order_by("pk")
    notify_if_kept(found, key, subject=subject)


@on(*TOLD_TO_ALL)
def told_to_all(event, gathering: NeighbourEvent) -> None:
    """Tell everybody who has a place, or waits for one unless it is only a reminder, and who helps."""
    rows = SignUp.objects.filter(event=gathering, state__in=["signed_up", "offered", "waiting"])
    if event.name == "gathering.reminded":
        rows = rows.exclude(state="waiting")
    hands = Volunteering.objects.filter(event=gathering, state="signed_up")
    people = [*rows.values_list("person_id", flat=True), *hands.values_list("person_id", flat=True)]
    _told(people, TOLD_TO_ALL[event.name], gathering, besides=event.actor_id)


@on(*TOLD_TO_ONE)
def told_to_one(event, row: SignUp) -> None:
    """Tell somebody that a place is held for them, or is not any more."""
    again = event.name != "sign_up.lapsed" or sign_up_open(row.event)
    _told([row.person_id], TOLD_TO_ONE[event.name] if again else OVER, row, besides=None)


@on("sign_up.given")
def told_moved_up(event, row: SignUp) -> None:
    """Tell who moved up from the waiting list; who has just signed up sees it on the page."""
    if event.payload.get("moved_up"):
        _told([row.person_id], "sign_up_given", row, besides=None)


@on("consent.asked")
def told_asked(event, row: PhotoConsent) -> None:
    """Ask the person, or everybody who lives in the dwelling."""
    people = [row.person_id]
    if row.dwelling_id is not None:
        people = list(Residency.objects.current().filter(dwelling=row.dwelling_id).values_list("user_id", flat=True))
    _told(people, "consent_asked", row, besides=event.actor_id)


@on("skill_match.proposed", "skill_match.confirmed", "skill_match.refused", "skill_match.called_off")
def told_of_match(event, match: SkillMatch) -> None:
    """Tell both sides but whoever did it."""
    key = "skill_match_proposed" if event.name == "skill_match.proposed" else "skill_match_told"
    _told([match.giver_id, match.taker_id], key, match, besides=event.actor_id)


@on("skill.taken_down")
def told_taken_down(event, entry: SkillEntry) -> None:
    """Tell whose offer or want was taken down."""
    _told([entry.person_id], "skill_taken_down", entry, besides=event.actor_id)
