"""Figures of needs and visits of a community: by state, by category, by source, visits of the last days."""

from collections import Counter
from datetime import timedelta

from django.db.models import Count, Sum
from django.utils import timezone

from partners.models import Need, NeedCategory, NeedSource, NeedState, NeedVisit

DAYS = 30


def need_figures(user, area) -> dict:
    """Return how many needs of ``area`` the person sees, by state, source and category; and overdue ones."""
    rows = Need.objects.of_staff(user).filter(area__path__startswith=area.path).order_by()
    names = dict(NeedCategory.objects.values_list("code", "name"))

    def counted(column: str) -> Counter:
        return Counter(dict(rows.values_list(column).annotate(Count("pk"))))

    states, sources, kinds = counted("state"), counted("source"), counted("category__code")
    return {
        "overdue": rows.overdue().count(),
        "states": [{"key": s.value, "label": str(s.label), "needs": states[s.value]} for s in NeedState],
        "sources": [{"key": s.value, "label": str(s.label), "needs": sources[s.value]} for s in NeedSource],
        "categories": [{"key": code, "label": names[code], "needs": n} for code, n in kinds.most_common()],
    }


def visit_figures(user, area, days: int = DAYS) -> dict:
    """Return how many visits of the last ``days`` the person sees in ``area``, their minutes, dwellings and needs."""
    since = timezone.now() - timedelta(days=days)
    rows = NeedVisit.objects.visible_to(user).filter(area__path__startswith=area.path, at__gte=since).order_by()
    told = rows.aggregate(
        visits=Count("pk"), minutes=Sum("minutes"), dwellings=Count("dwelling", distinct=True),
        visitors=Count("visitor", distinct=True),
    )  # fmt: skip
    heard = Need.objects.filter(origin_type="partners.needvisit", origin_id__in=rows.values("pk")).count()
    return told | {"minutes": told["minutes"] or 0, "needs": heard, "days": days}
