"""Years after a file was archived the product gives up what it need not tell any more: identity numbers, phones and
caucus notes (个人信息保护法 19: no longer than needed).

The file itself is kept: facts, consents, agreement, records and scans are the archive's, which has terms of its own.
Papers are made when they are taken: where an agreement in writing is in effect, the file is emptied only if a scan of
it as it was signed is kept, so that who signed it can still be told. What was taken out, papers say with the day.

How many years is data of the rule (``MediationRule.contact_years``); without one nothing is taken out. The digest of a
phone stays: by it who is a party keeps out of the dispute (``impartial.py``), and no number can be read from it without
the key of the installation.
"""

import logging
from datetime import datetime

from dateutil.relativedelta import relativedelta
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from governance.models import Area
from governance.transactions import atomically
from mediation.disputes.acting import SYSTEM_GRANT, clock, tell
from mediation.disputes.rules import rules_on
from mediation.disputes.states import DisputeState
from mediation.files.states import FileKind
from mediation.joint.states import NoteKind
from mediation.models import (
    Agreement,
    AgreementForm,
    Dispute,
    DisputeFile,
    MediationNote,
    Party,
)

log = logging.getLogger(__name__)
# Not emptied since it was archived: one that was reopened meanwhile has new data and years of its own.
WHOLE = Q(emptied_at=None) | Q(emptied_at__lt=F("archived_at"))
# The agreements in writing of a file of which no scan is kept that was added since they were drafted.
SCANS = DisputeFile.objects.kept().filter(
    dispute=OuterRef("dispute"), kind=FileKind.SIGNED_AGREEMENT, added_at__gte=OuterRef("drafted_at")
)
UNKEPT = Agreement.objects.filter(
    ~Exists(SCANS), dispute=OuterRef("pk"), effective_on__isnull=False, form=AgreementForm.WRITTEN
)


def disputes_forget(now: datetime | None = None) -> int:
    """Empty the archived files whose years are over by the rule of their place; return how many. May run twice.

    A file that fails leaves the others alone: the error is logged, and it is tried again the next night.
    """
    now = now or timezone.now()
    kept = Dispute.objects.filter(WHOLE, ~Exists(UNKEPT), state=DisputeState.ARCHIVED)
    areas = Area.objects.filter(pk__in=kept.values("area_id")).defer("boundary").order_by("path")
    rule, emptied = rules_on(timezone.localdate(now)), 0
    for area in areas:
        years = rule(area).contact_years
        if years is not None:
            over = kept.filter(area=area, archived_at__lt=now - relativedelta(years=years))
            emptied += sum(_tried(pk, years, now) for pk in over.order_by("pk").values_list("pk", flat=True))
    return emptied


def _tried(pk: int, years: int, now: datetime) -> bool:
    try:
        return _emptied(pk, years, now)
    except Exception:
        log.exception("retention: dispute %s was not emptied", pk)
        return False


def _emptied(pk: int, years: int, now: datetime) -> bool:
    """Empty one file, unless somebody reopened it meanwhile or its scan is not kept."""
    with atomically():
        held = Dispute.objects.lock(pk)
        if not Dispute.objects.filter(WHOLE, ~Exists(UNKEPT), pk=pk, state=DisputeState.ARCHIVED).exists():
            return False
        told = ~Q(phone_sealed=None) | ~Q(identity_sealed=None) | ~Q(identity_digest="")
        parties = Party.everyone.filter(told, dispute=held).update(
            phone_sealed=None, identity_sealed=None, identity_digest=""
        )
        notes, _by_model = MediationNote.objects.filter(dispute=held, kind=NoteKind.CAUCUS).delete()
        Dispute.objects.filter(pk=pk).update(emptied_at=now)
        tell("dispute.emptied", held, actor=clock(), grant=SYSTEM_GRANT, at=now, parties=parties, notes=notes,
             years=years)  # fmt: skip
    return True
