"""Finding cases by words, by number, and by a reporter's telephone."""

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases.models import Case, CaseReporter
from cases.querysets import TEXT, number_in
from cases.reporters import READS_REPORTER
from governance.scoping import visible_q
from governance.search import Found, Searchable, searchable
from governance.search.people import phone_in
from governance.search.text import joined


def case_rows(user) -> QuerySet[Case]:
    """Return what ``user`` may see, with what a line shows."""
    return Case.objects.visible_to(user).select_related("category", "area").defer("area__boundary", "result")


def case_named(query: str, user) -> Q | None:
    """Return the filter of a number (or its beginning), or of the telephone of somebody who reported.

    By telephone only for those who may read it of the case.
    """
    if beginning := number_in(query):
        return Q(number__startswith=beginning)
    phone = phone_in(query)
    may_read = visible_q(READS_REPORTER, user) if phone else None
    if may_read is None:
        return None
    return may_read & Q(pk__in=CaseReporter.objects.filter(phone=phone).values("case_id"))


def _show(case: Case, _user) -> Found:
    return Found(
        kind="case",
        key=case.number,
        title=case.number,
        detail=f"{case.category or ''} {case.description[:80]}".strip(),
        place=f"{case.area} {case.address}".strip(),
        url=reverse("admin:cases_case_change", args=[case.pk]),
        badge=case.get_state_display(),
        tone=case.state,
    )


searchable(
    Searchable(
        kind="case",
        label=_("Cases"),
        rows=case_rows,
        text=TEXT,
        wider=joined("number", "description", "address"),
        show=_show,
        named=case_named,
        order=10,
    )
)
