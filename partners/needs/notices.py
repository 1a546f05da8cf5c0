"""What notices may say about a need, and who is told what becomes of it: all who raised it, also of merged ones."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.events import on
from governance.models import NoticeTemplate
from governance.notices import Parties, notice_context, notify
from partners.models import Need
from partners.needs.raisers import family_of, people_to_tell

# What those who raised it are told; the words of each are in the template of that name.
TOLD = {
    "need.verified": "need_verified", "need.merged": "need_merged", "need.case_opened": "need_transferred",
    "need.transferred": "need_transferred", "need.adopted": "need_adopted", "need.declined": "need_declined",
    "need.solved": "need_solved", "need.reopened": "need_reopened", "need.reconsidered": "need_reopened",
    "need.taken_back": "need_taken_back",
}  # fmt: skip
WORDS = {
    "number": _("number of the need"), "title": _("title"), "area": _("area"), "category": _("category"),
    "state": _("state"),
    "answer": _("why it was declined"), "result": _("what was done"), "unit": _("unit that does it"),
}  # fmt: skip


@notice_context(
    "partners.need",
    variables=WORDS,
    rows=lambda: Need.objects.with_rows(),
    parties=lambda need: Parties({"lead": [need.unit_id] if need.unit_id else []}),
)
def need_words(need: Need, *, public: bool) -> dict:
    """Return a need in texts; of a merged one, what became of the one it was merged into. Its own words are read by
    those who raised it: at work it is called by its category. ``answer`` and ``result`` are written for them."""
    page = ("residents_needs:home", []) if public else ("admin:partners_need_change", [need.pk])
    now = need.merged_into or need
    return {
        "number": need.number, "title": need.title if public else need.category.name, "area": need.area.name,
        "category": need.category.name, "state": now.get_state_display(), "answer": now.answer, "result": now.result,
        "unit": now.unit.name if now.unit else str(_("the units that handle cases")),
        "url": reverse(page[0], args=page[1]),
    }  # fmt: skip


@on(*TOLD)
def raisers_told(event, need: Need) -> None:
    """Tell everybody who raised it, each about the need they raised; a place without the template tells nobody."""
    key = TOLD[event.name]
    if not NoticeTemplate.objects.filter(key=key).exists():
        return
    told = {event.actor_id}
    for member in family_of(need) if event.name != "need.merged" else [need]:
        people = list(people_to_tell(member).exclude(pk__in=told))
        told |= {user.pk for user in people}
        if people:
            notify(people, key, subject=Need.objects.with_rows().get(pk=member.pk))
