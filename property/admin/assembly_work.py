"""The assembly on the first page: topics to answer, sessions to prepare, minutes to confirm, items to do and accept."""

from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.scoping import roles_of, visible_q
from property.assembly.dates import month_of, months_after
from property.assembly.looks import FOLLOW_UP_TONES, SESSION_TONES, TOPIC_TONES
from property.assembly.months import due_in
from property.assembly.querysets import DOING_ROLES, OWNS, RUNNING_ROLES, RUNS, UNIT_ROLES
from property.assembly.session_workflow import BEFORE_NOTICE, HELD, PARTIES, SessionState
from property.models import AgendaItem, Assembly, AssemblySession, FollowUpItem

PREPARED = timedelta(days=10)  # sessions of so many days to come are shown to be prepared [J]
TO_DO = ("assigned", "accepted", "in_progress", "returned")


def _list_url(model: str, **filters) -> str:
    return f"{reverse(f'admin:property_{model}_changelist')}?{urlencode(filters, doseq=True)}"


def topic_row(topic: AgendaItem) -> WorkRow:
    """Show a topic that waits for an answer."""
    return WorkRow(
        url=reverse("admin:property_agendaitem_change", args=[topic.pk]), title=topic.title, text=topic.number,
        place=str(topic.assembly), badge=topic.get_state_display(), tone=TOPIC_TONES[topic.state],
        note=_("%(number)s seconds") % {"number": topic.seconds_count} if topic.seconds_count else "",
    )  # fmt: skip


def session_row(session: AssemblySession) -> WorkRow:
    """Show a session with its time; before the notice, until when that has to go out."""
    return WorkRow(
        url=reverse("admin:property_assemblysession_change", args=[session.pk]), title=str(session),
        text=session.time_text, place=session.place_text, badge=session.get_state_display(),
        tone=SESSION_TONES[session.state],
        due_at=session.notice_until if session.state in BEFORE_NOTICE else session.starts_at,
        warning="" if session.place_text else _("Nobody has said where."),
    )  # fmt: skip


def item_row(item: FollowUpItem) -> WorkRow:
    """Show a follow-up item."""
    return WorkRow(
        url=reverse("admin:property_followupitem_change", args=[item.pk]), title=item.title, text=item.number,
        place=str(item.assembly), badge=item.get_state_display(), tone=FOLLOW_UP_TONES[item.state],
        note=f"{item.due_on:%Y-%m-%d}", warning=_("overdue") if item.overdue else "",
    )  # fmt: skip


def assembly_row(assembly: Assembly) -> WorkRow:
    """Show an assembly that did not meet last month."""
    return WorkRow(
        url=reverse("admin:property_assembly_change", args=[assembly.pk]), title=assembly.name,
        place=str(assembly.area), text=assembly.rule_text, badge=_("no session last month"), tone="red",
    )  # fmt: skip


@provides_work
def assembly_work(user) -> list[WorkList]:
    """What the person runs, speaks for or does in assemblies."""
    roles, lists = roles_of(user), []
    if roles & set(RUNNING_ROLES):
        lists += _running(user)
    if roles & {*UNIT_ROLES, "party_secretary"}:
        rows = AssemblySession.objects.filter(visible_q(PARTIES, user), state=SessionState.MINUTING)
        rows = rows.exclude(minutes=None).with_rows().order_by("starts_at")
        url = _list_url("assemblysession", state="minuting")
        lists.append(work_list("assembly-minutes", _("Minutes to confirm"), rows, session_row, url, order=22))
    if roles & set(DOING_ROLES):
        rows = FollowUpItem.objects.filter(visible_q(OWNS, user), state__in=TO_DO).with_rows().order_by("due_on", "pk")
        url = _list_url("followupitem", how="unfinished")
        lists.append(
            work_list("assembly-items", _("Agreed in the assembly, to be done"), rows, item_row, url, order=20)
        )
    return lists


def _running(user) -> list[WorkList]:
    mine = visible_q(RUNS, user)
    waiting = AgendaItem.objects.filter(mine).waiting().with_rows().order_by("proposed_at")
    until = timezone.now() + PREPARED
    states = [*BEFORE_NOTICE, SessionState.NOTICED, SessionState.IN_SESSION]
    coming = AssemblySession.objects.filter(mine, state__in=states, starts_at__lte=until).with_rows()
    handed_in = FollowUpItem.objects.filter(mine, state="awaiting").with_rows().order_by("due_on")
    last = months_after(month_of(timezone.localdate()), -1)
    met = AssemblySession.objects.filter(month=last, state__in=HELD).values("assembly_id")
    missed = Assembly.objects.filter(mine, is_active=True, valid_from__lt=months_after(last, 1)).exclude(pk__in=met)
    missed = Assembly.objects.filter(pk__in=[one.pk for one in missed if due_in(one, last)])
    return [
        work_list("assembly-topics", _("Topics to answer"), waiting, topic_row,
                  _list_url("agendaitem", state="proposed"), order=16,
                  lead=_("Take them on, or say why not.")),
        work_list("assembly-sessions", _("Sessions to prepare and hold"), coming.order_by("starts_at"), session_row,
                  _list_url("assemblysession", state=states), order=15),
        work_list("assembly-accept", _("Work to accept"), handed_in, item_row,
                  _list_url("followupitem", state="awaiting"), order=18),
        work_list("assembly-missed", _("Assemblies that did not meet last month"), missed.with_rows().order_by("code"),
                  assembly_row, _list_url("assembly"), order=31, urgent=True),
    ]  # fmt: skip
