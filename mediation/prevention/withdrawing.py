"""Signals that were brought in wrongly (an area forgotten, a wrong column of dates) are withdrawn together.

They count nowhere from then on, in no baseline either, and are emptied of what tells of persons; their numbers there
are free, so that the records, read rightly, can be brought in again. What became a hazard stays: people work on it, and
its area and type are put right by themselves.
"""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import User
from governance.scoping import grant_for
from governance.transactions import atomically
from mediation.models import Signal, SignalBatch
from mediation.prevention.duplicates import community_ids, known_events, who
from mediation.prevention.querysets import WITHDRAWS
from mediation.prevention.reporting import words_check
from mediation.prevention.retention import EMPTY
from mediation.prevention.taking import one_at_a_time


def signals_withdraw(batch: SignalBatch, *, actor: User, reason: str) -> SignalBatch:
    """Withdraw what was brought in together but what became a hazard; ``reason`` is kept with the event.

    Records of other batches that repeated one of them are judged anew. Raises NotPermitted (who did not bring them in
    and is no administrator there), Invalid naming ``reason``, Conflict: withdrawn already, or all of them are hazards.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid(_("Say why."), field="reason", code="required")
    words_check(reason=reason)
    with atomically():
        one_at_a_time()
        locked = SignalBatch.objects.with_rows().select_for_update(of=("self",)).get(pk=batch.pk)
        grant = grant_for(WITHDRAWS, locked, actor)
        if grant is None:
            raise NotPermitted(_("Who brought them in withdraws them, or an administrator."))
        if locked.withdrawn_at is not None:
            raise Conflict(_("They were withdrawn already."), code="already")
        now = timezone.now()
        repeats = Signal.objects.filter(duplicate_of__batch=locked, duplicate_of__hazard=None)
        left = list(repeats.exclude(batch=locked, hazard=None).order_by("event_date", "pk"))
        withdrawn = {"external_id": "", "duplicate_of": None, "erased_at": now, "withdrawn_at": now}
        gone = Signal.objects.filter(batch=locked, hazard=None).update(**EMPTY, **withdrawn)
        if not gone:
            raise Conflict(_("Each of them became a hazard: they stay."), code="hazards")
        _judged_anew(left)
        locked.withdrawn_at, locked.withdrawn_by, locked.withdrawn = now, actor, gone
        locked.save()
        payload = {"batch": locked.number, "signals": gone, "kept": locked.records - gone}
        events.record("signals.withdrawn", locked, actor=actor, grant=grant, payload=payload, text=reason)
    return locked


def _judged_anew(left: Sequence[Signal]) -> None:
    """Find the events of records whose own was withdrawn: another of the same, else the first of them. Of emptied ones
    nobody knows who it was: what was one event stays one."""
    community = community_ids()
    known = known_events(
        {row.complainant for row in left if row.complainant},
        {row.text_digest for row in left if row.text_digest and not row.complainant},
        community,
    )
    for row in left:
        somebody = who(row.complainant, row.text_digest) or f"h{row.duplicate_of_id}"
        key = somebody, row.type_id, community(row.area_id)
        event = known.of(*key, row.event_date)
        row.duplicate_of, row.hazard_id = event, event and event.hazard_id
        if event is None:
            known.add(*key, row.event_date, row)
    Signal.objects.bulk_update(left, ["duplicate_of", "hazard"], batch_size=500)
