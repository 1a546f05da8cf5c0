"""What the worker does with credit files every night: tell what lowers, compute, close the year that is over."""

import logging
from datetime import date, datetime

from django.utils import timezone

from governance.errors import Refused
from governance.events import record
from governance.scoping import grant_for
from governance.transactions import atomically
from partners.credit.computing import profile_compute, year_days
from partners.credit.notes import notes_from_facts
from partners.credit.querysets import SYSTEM
from partners.earning.deciding import partner_lock
from partners.models import CreditProfile, Partner
from partners.recruiting.acting import clock

log = logging.getLogger(__name__)
# A file is closed once so many days of the new year are over: what is reported late is in it [J].
CLOSES_AFTER = 15


def files_compute(now: datetime | None = None) -> int:
    """Compute the files of all partners of this year, and of the last one while it is not closed; return how many."""
    today = timezone.localdate(now or timezone.now())
    done = 0
    for partner in Partner.objects.filter(state__in=["active", "suspended"]).with_rows().order_by("pk").iterator():
        for year in (today.year - 1, today.year):
            done += _file_of(partner, year, today)
    return done


def _file_of(partner: Partner, year: int, today: date) -> int:
    if partner.active_from.year > year:
        return 0
    if CreditProfile.objects.filter(partner=partner, year=year, closed_at__isnull=False).exists():
        return 0
    try:
        notes_from_facts(partner, *year_days(year, today), actor=clock())
        profile = profile_compute(partner, year, actor=clock())
    except Refused as refusal:  # one file that cannot be made keeps nobody else from theirs
        log.warning("no credit file of partner %s in %s: %s", partner.pk, year, refusal.code)
        return 0
    if year < today.year and (today - date(year, 12, 31)).days > CLOSES_AFTER:
        profile_close(profile)
    return 1


def profile_close(profile: CreditProfile, *, occurred_at: datetime | None = None) -> CreditProfile:
    """Say that the file of a year is ready: the partner is told, once; appeals may still change it."""
    at = occurred_at or timezone.now()
    with atomically():
        partner_lock(profile.partner)
        fresh = CreditProfile.objects.with_rows().get(pk=profile.pk)
        if fresh.closed_at is not None or fresh.current is None:
            return fresh
        fresh.closed_at = at
        fresh.save(update_fields=["closed_at"])
        payload = {"partner": fresh.partner_id, "year": fresh.year, "score": f"{fresh.score}", "level": fresh.level}
        record("credit_profile.ready", fresh, actor=clock(), grant=grant_for(SYSTEM, fresh, clock()), payload=payload,
               occurred_at=at)  # fmt: skip
    return fresh
