"""What staff must do about cases now, for the first page: derived from the transitions they may press."""

from urllib.parse import urlencode

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.looks import TONES, page_url, place_of, review_text
from cases.models import Case
from cases.permissions import REPORTERS
from cases.querysets import SEES_CASE
from governance.admin.my_work import WorkLink, WorkList, WorkRow, figure, provides_links, provides_work, work_list
from governance.models import Role
from governance.scoping import Rule, roles_of, visible_q
from governance.workflow import steps_of

REPORT_URL = "admin:cases_case_add"
REVIEW_URL = "admin:cases_review"
NOT_STAFF = {Role.SYSTEM, Role.RESIDENT}
WATCHERS = {Role.OPERATIONS_CENTRE, Role.ADMINISTRATOR}


def rows_under(rule: Rule, user) -> QuerySet[Case]:
    """Cases that the staff roles of ``rule`` reach, the most pressing first."""
    found = visible_q({role: relation for role, relation in rule.items() if role not in NOT_STAFF}, user)
    rows = Case.objects.none() if found is None else Case.objects.filter(found)
    return rows.select_related("area", "lead_unit", "category").order_by(F("due_at").asc(nulls_last=True), "id")


def to_do(user, step_name: str) -> QuerySet[Case]:
    """Cases in a state from which ``user`` may do the step."""
    step = steps_of(Case)[step_name]
    rows = rows_under(step.allow, user).filter(state__in=step.sources)
    narrowed = {
        "refuse_request": rows.with_requests, "review_appeal": rows.with_appeals, "sign": rows.unsigned,
    }  # fmt: skip
    return narrowed[step_name]() if step_name in narrowed else rows


def list_url(**filters) -> str:
    """Address of the case list under some filters."""
    return f"{reverse('admin:cases_case_changelist')}?{urlencode(filters, doseq=True)}"


def row_of(case: Case) -> WorkRow:
    """Show a case as a thing to do."""
    return WorkRow(
        url=page_url(case),
        title=case.number,
        text=case.description[:90],
        place=place_of(case),
        badge=case.get_state_display(),
        tone=TONES[case.state],
        due_at=case.due_at,
        warning=review_text(case),
        note=str(case.lead_unit or ""),
    )


def _steps():
    """The lists, in the order of a case's way: step, title, what to do, states of the full list."""
    return [
        ("dispatch", _("Review queue"), _("The hub would not guess: say who handles these."), None),
        (
            "arbitrate",
            _("To arbitrate"),
            _("Units disagree whose it is: your decision binds them."),
            {"state": "arbitration"},
        ),
        (
            "refuse_request",
            _("Units ask for time"),
            _("Grant the extension or suspension, or say why not."),
            {"queue": "requests"},
        ),
        (
            "review_appeal",
            _("Appeals to review"),
            _("Two people give an opinion; upheld when both say so."),
            {"queue": "appeals"},
        ),
        ("accept", _("To accept"), _("File them under a standard, or reject with a reason."), None),
        ("verify", _("To verify on site"), _("Go and look whether it is as reported."), None),
        ("sign", _("To sign for"), _("Dispatched to your unit: the clock runs already."), {"queue": "unsigned"}),
        ("start", _("To begin"), _("Dispatched to your unit: begin, or return with a reason."), None),
        ("submit", _("Being handled"), _("Submit the result with photos when it is done."), None),
        ("inspect", _("To inspect"), _("The unit says it is done: look whether it is."), None),
        ("close", _("To close"), _("Inspected and in order."), None),
    ]


@provides_work
def case_work(user) -> list[WorkList]:
    """Lists of the cases on which this person may do the next step, and what is late under their eyes."""
    roles = roles_of(user)
    lists = []
    for order, (name, title, lead, filters) in enumerate(_steps(), start=10):
        step = steps_of(Case)[name]
        if roles & set(step.allow) - NOT_STAFF:
            url = reverse(REVIEW_URL) if name == "dispatch" else list_url(**(filters or {"state": step.sources}))
            lists.append(
                work_list(
                    f"case-{name}",
                    title,
                    to_do(user, name),
                    row_of,
                    url,
                    lead=lead,
                    order=order,
                    urgent=name == "dispatch",
                )
            )
    return [*lists, *_watched(user, roles)]


@provides_links
def report_link(user) -> list[WorkLink]:
    """The way to the report form, for those who may report."""
    may = roles_of(user) & REPORTERS
    return [WorkLink(_("Report a case"), reverse(REPORT_URL))] if may else []


def _watched(user, roles) -> list[WorkList]:
    lists = []
    if Role.SUPERVISOR in roles:
        rows = rows_under({Role.SUPERVISOR: SEES_CASE[Role.SUPERVISOR]}, user).open().overdue()
        lists.append(
            work_list("case-supervised", _("Supervised and overdue"), rows, row_of, list_url(queue="overdue"),
                      lead=_("Urge the unit that handles."), order=5, urgent=True)
        )  # fmt: skip
    if roles & WATCHERS:
        rule = {role: SEES_CASE[role] for role in WATCHERS}
        rows = rows_under(rule, user).open()
        lists += [
            figure("case-open", _("Open cases"), rows, list_url(queue="open"), order=1),
            figure("case-overdue", _("Overdue"), rows.overdue(), list_url(queue="overdue"), order=2, urgent=True),
        ]
    return lists
