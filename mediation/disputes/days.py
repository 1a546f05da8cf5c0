"""Days as they were said: what is typed in later bears the day on which it was done; when it was typed in stands beside
it, on the event. The law counts from what people did (人民调解法 29-30, 33)."""

from datetime import date, datetime, time

from django.utils import timezone

from governance.clock import SHANGHAI
from governance.models import Event
from mediation.agreements.acting import day_check
from mediation.disputes.states import ConsentAnswer, ConsentTo
from mediation.models import Consent, Dispute

# A day without an hour is kept as its noon.
NOON = time(12)


def said_moment(on: date | None, at: datetime | None, *, earliest: date, after: datetime | None = None) -> datetime:
    """Return the moment of something done on day ``on``; None: ``at``, by default now.

    ``earliest``: the first day on which it may have been done; ``after``: the moment of what came before it, of which a
    step of the same day is not earlier. Raises Invalid naming ``on`` (ahead, too early).
    """
    now = at or timezone.now()
    if on is None:
        return now
    day = day_check(on, "on", earliest=earliest)
    if day == timezone.localdate(now):
        return now
    noon = datetime.combine(day, NOON, SHANGHAI)
    return noon if after is None else max(noon, min(after, now))


def ready_on(dispute: Dispute) -> date:
    """Return the first day on which the dispute may have been accepted, or begun: not before it was registered, in a
    later round reopened, accepted, nor before the last party agreed."""
    rows = Consent.objects.latest_of(dispute, ConsentTo.MEDIATION).values_list("answer", "said_on")
    agreed = [said_on for answer, said_on in rows if answer == ConsentAnswer.AGREED]
    return max([round_began(dispute), *agreed])


def round_began(dispute: Dispute, *, until: datetime | None = None) -> date:
    """Return the day before which nothing of this round happened: that of the last reopening; in the first round that
    of the acceptance, before it that of the registering. ``until``: of the round that ran at that moment."""
    return timezone.localdate(round_began_at(dispute, until=until))


def round_began_at(dispute: Dispute, *, until: datetime | None = None) -> datetime:
    """Return the moment of ``round_began``."""
    first = dispute.accepted_at or dispute.registered_at
    return max(first, _reopened_at(dispute, until=until) or first)


def asked_from(dispute: Dispute) -> date:
    """Return the first day on which a party may have answered what this round asks."""
    return timezone.localdate(_reopened_at(dispute) or dispute.registered_at)


def _reopened_at(dispute: Dispute, *, until: datetime | None = None) -> datetime | None:
    if not dispute.reopened:
        return None
    rows = Event.objects.filter(subject_type="mediation.dispute", subject_id=dispute.pk, name="dispute.reopened")
    if until is not None:
        rows = rows.filter(occurred_at__lte=until)
    # The one told last: an earlier one may have been a mistake, of a later day, and taken back.
    return rows.order_by("-id").values_list("occurred_at", flat=True).first()
