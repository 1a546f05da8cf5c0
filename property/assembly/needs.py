"""Needs made of what assemblies talk about: of a follow-up item, or of a topic; and the answer that flows back.

A need knows its item or topic by its origin, nothing points from here to it. What is solved or declined there is told
to the item or topic in the need's own transaction, also where the need was merged into another.
"""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.states import ENDED
from governance import events
from governance.errors import Conflict
from governance.models import Role, User
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, steps_of
from partners.models import Need, NeedCategory, NeedSource
from partners.needs.need_workflow import OPEN
from partners.needs.origins import register_need_origin
from partners.needs.raisers import family_of
from partners.needs.registering import Raiser, need_register
from property.assembly.acting import carry, figures_of
from property.models import AgendaItem, FollowUpItem, TopicSource

TOPIC, ITEM = "property.agendaitem", "property.followupitem"
TITLE, WORDS = 80, 2000
# Where an item is that waits for the answer, and where it is once it was handed in.
WAITS = ("accepted", "in_progress", "returned")


def need_made_of(row: AgendaItem | FollowUpItem) -> Need | None:
    """Return the last need that came of a topic or an item, with the one it was merged into."""
    return Need.objects.made_of(row).select_related("merged_into").order_by("-pk").first()


def _check_free(row: AgendaItem | FollowUpItem) -> None:
    """Refuse a second need while the first goes on. Raises Conflict."""
    need = need_made_of(row)
    if need is not None and (need.merged_into or need).state in OPEN:
        raise Conflict(_("Need %(number)s goes on already.") % {"number": need.number}, code="has_need")


@carries_out(ITEM, "make_need")
def follow_up_make_need(item: FollowUpItem, *, actor: User, title: str = "", description: str = "",
                        category: NeedCategory | None = None, occurred_at: datetime | None = None,
                        **given) -> FollowUpItem:  # fmt: skip
    """Make a need of an item that the place lacks something for; its answer is told back.

    Raises Conflict while an earlier need or case of it goes on; otherwise as ``need_register``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = FollowUpItem.objects.lock(item.pk)
        _check_free(locked)
        if locked.case is not None and locked.case.state not in ENDED:
            raise Conflict(_("Case %(number)s goes on already.") % {"number": locked.case.number}, code="has_case")
        said = "\n".join(part for part in (locked.title, locked.agenda_item.outcome) if part)
        payload = _made(locked, actor, title or locked.title, description or said, category, at)
        return carry(locked, "make_need", actor=actor, occurred_at=at, payload=payload, **given)


@carries_out(TOPIC, "make_need")
def topic_make_need(topic: AgendaItem, *, actor: User, title: str = "", description: str = "",
                    category: NeedCategory | None = None, occurred_at: datetime | None = None,
                    **given) -> AgendaItem:  # fmt: skip
    """Make a need of a topic that was decided or talked over. Raises as ``follow_up_make_need``."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = AgendaItem.objects.lock(topic.pk)
        _check_free(locked)
        said = "\n".join(part for part in (locked.body, locked.outcome) if part)
        payload = _made(locked, actor, title or locked.title, description or said, category, at)
        return carry(locked, "make_need", actor=actor, occurred_at=at, payload=payload, **given)


def _made(row: AgendaItem | FollowUpItem, actor: User, title: str, description: str, category, at: datetime) -> dict:
    """Register the need where the step may be done, and return its number for the step's event; who put the topic
    forward as a resident is told what becomes of it. Else the step itself says why not."""
    step = steps_of(type(row))["make_need"]
    if grant_for(step.allow, row, actor) is None or row.state not in step.sources:
        return {}
    topic = getattr(row, "agenda_item", row)
    raisers = [Raiser(user=topic.proposer)] if topic.source == TopicSource.RESIDENT else []
    need = need_register(
        actor=actor, source=NeedSource.ASSEMBLY, title=title.strip()[:TITLE], description=description.strip()[:WORDS],
        area=row.area, estate=row.assembly.estate, category=category, raisers=raisers, origin=row, occurred_at=at,
    )  # fmt: skip
    return {"need": need.number}


def need_answered(need: Need, *, event) -> None:
    """Tell the answer to a need to the items and topics that it, or one merged into it, came of.

    Here the need is locked before the item. No service locks an existing need after an item, so nobody waits in a ring.
    """
    for member in family_of(need):
        if member.origin_type == ITEM:
            _item_told(FollowUpItem.objects.lock(member.origin_id), member, need, event)
        elif member.origin_type == TOPIC:
            _topic_told(AgendaItem.objects.lock(member.origin_id), member, need, event)


def _item_told(item: FollowUpItem, member: Need, need: Need, event) -> None:
    clock, words = User.objects.system("timers"), {"number": member.number, "why": need.answer, "what": need.result}
    given = {"actor": clock, "occurred_at": event.occurred_at, "payload": {"need": member.number}}
    if event.name == "need.solved" and item.state in WAITS:
        result = _("Need %(number)s was solved: %(what)s") % words
        carry(item, "submit", result=result[:4000], submitted_by=clock, **given)
    elif event.name == "need.declined" and item.state in ("in_progress", "awaiting"):
        carry(item, "need_failed", reason=_("Need %(number)s was declined: %(why)s") % words, **given)
    elif event.name == "need.reopened" and item.state == "awaiting":
        carry(item, "return", reason=_("Need %(number)s was opened again.") % words, **given)


def _topic_told(topic: AgendaItem, member: Need, need: Need, event) -> None:
    payload = figures_of(topic) | {"need": member.number, "answer": need.state}
    events.record("topic.need_answered", topic, actor=User.objects.system("timers"), grant=Grant(Role.SYSTEM),
                  payload=payload, occurred_at=event.occurred_at, text=need.answer or need.result)  # fmt: skip


def _origin(model, page: str):
    def told(pk: int, user):
        row = model.objects.visible_to(user).filter(pk=pk).first()
        name = model._meta.verbose_name
        if row is None:
            return str(name), ""
        return f"{name} {row.number}", reverse(f"admin:property_{page}_change", args=[pk])

    return told


register_need_origin(ITEM, _origin(FollowUpItem, "followupitem"))
register_need_origin(TOPIC, _origin(AgendaItem, "agendaitem"))
