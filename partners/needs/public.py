"""What a resident reads of an own need: what became of it, in plain words; never who else raised it."""

from django.utils.translation import gettext as _

from governance.models import User
from partners.models import Need, NeedState


def need_told(need: Need, user: User) -> dict:
    """Return an own need as its raiser ``user`` reads it; ``need`` from ``with_rows``, whose target is loaded with it.

    Who only lives where a questionnaire was answered reads what became of it, not what somebody there wrote.
    """
    now = need.merged_into or need
    mine = any(row.user_id == user.pk for row in need.raisers.all())
    return {
        "id": need.pk, "number": need.number, "title": need.title, "description": need.description if mine else "",
        "category": need.category.code, "category_name": need.category.name, "place": need.place,
        "state": need.state, "state_label": need.get_state_display(), "raised_at": need.raised_at,
        "anonymous": need.anonymous, "became": became(need), "answer": now.answer, "result": now.result,
        "solved_at": now.solved_at, "joined": need.merged_into_id is not None,
        "joined_state": now.state if need.merged_into_id else "",
    }  # fmt: skip


def became(need: Need) -> str:
    """Return in a sentence what became of a need."""
    if need.merged_into is not None:
        return _("Taken together with others who need the same: %(now)s") % {"now": became(need.merged_into)}
    told = {
        NeedState.REGISTERED: _("We have it, and look into it."),
        NeedState.VERIFIED: _("Verified; it is being decided what can be done."),
        NeedState.ADOPTED: _("Adopted: it will become a project."),
        NeedState.DECLINED: _("It cannot be done now: %(answer)s") % {"answer": need.answer},
        NeedState.SOLVED: _("Solved: %(result)s") % {"result": need.result},
        NeedState.CALLED_BACK: _("Solved: %(result)s") % {"result": need.result},
    }
    if need.state == NeedState.TRANSFERRED:
        unit = need.unit.name if need.unit else _("the units that handle cases")
        return _("Passed on to %(unit)s.") % {"unit": unit}
    return str(told[need.state])
