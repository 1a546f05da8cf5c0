"""Referring a party to counselling, with consent. Dates only: no remark is taken, no reason, no file."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, Role, User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.agreements.acting import carry, day_check, hold_dispute, party_of
from mediation.disputes.acting import clock, grant_or_refuse
from mediation.disputes.querysets import HANDLES
from mediation.disputes.states import TellingWay
from mediation.followup.querysets import LOGS
from mediation.followup.states import REFERRAL_UNDER_WAY
from mediation.models import CounsellingReferral, CounsellingState, Dispute, Party, PartyKind

REFERRAL = "mediation.counsellingreferral"


def counsellors_for(dispute: Dispute):
    """Return the counsellors who work where the dispute is."""
    held = Appointment.objects.in_force().filter(role=Role.COUNSELLOR, area__in=dispute.area.lineage)
    return User.objects.filter(pk__in=held.values("user_id"), is_active=True).order_by("username")


def counselling_offer(dispute: Dispute, *, actor: User, party: Party, on: date | None = None,
                      occurred_at: datetime | None = None) -> CounsellingReferral:  # fmt: skip
    """Offer counselling to a party who is a person.

    Raises NotPermitted, Invalid naming ``party`` or ``on``, Conflict (``under_way``: offered already).
    """
    at = occurred_at or timezone.now()
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        grant = grant_or_refuse(HANDLES, held, actor)
        party_of(held, party, "party")
        if party.kind != PartyKind.PERSON:
            raise Invalid(_("Counselling is for persons."), field="party", code="kind")
        day = day_check(on or timezone.localdate(at), "on", earliest=timezone.localdate(held.registered_at))
        try:
            with transaction.atomic():
                made = CounsellingReferral.objects.create(dispute=held, party=party, offered_on=day, offered_by=actor)
        except IntegrityError as error:
            raise Conflict(_("This party has been offered counselling already."), code="under_way") from error
        payload = {"dispute": held.pk, "party": party.pk, "on": day.isoformat(), "to": made.state}
        events.record("counselling.offered", made, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return made


def _carried(referral: CounsellingReferral, name: str, since: str, *, actor: User, on: date | None,
             occurred_at: datetime | None, reason: str = "", own: bool = False,
             **given) -> CounsellingReferral:  # fmt: skip
    """Carry out a step that has a day and nothing else. ``since``: the column with the earliest day it may have;
    ``own``: who is a party of the dispute answers for nobody but themselves. The system answers for who holds the link
    of the party: the page has made sure of it (``counselling_answer``)."""
    at = occurred_at or timezone.now()
    with atomically():
        hold_dispute(referral, name, actor)
        locked = CounsellingReferral.objects.lock(referral.pk)
        by_link = own and actor.is_system
        if own and not by_link and locked.party.user_id != actor.pk and grant_for(LOGS, locked, actor) is None:
            raise NotPermitted(_("You may not answer for this party."))
        _no_words(reason)
        earliest = getattr(locked, since) or locked.offered_on
        day = day_check(on or timezone.localdate(at), "on", earliest=earliest)
        payload = {"party": locked.party_id, "on": day.isoformat()} | ({"how": TellingWay.LINK} if by_link else {})
        return carry(locked, name, actor=actor, occurred_at=at, on=day, payload=payload, **given)


def _no_words(reason: str) -> None:
    if reason:
        raise Invalid(_("Only the date is kept, no remark."), field="reason", code="dates_only")


@carries_out(REFERRAL, "consent")
def counselling_consent(referral: CounsellingReferral, *, actor: User, on: date | None = None,
                        occurred_at: datetime | None = None, **given) -> CounsellingReferral:  # fmt: skip
    """Record the consent; a party gives it by the own account too. Raises Invalid, NotPermitted; as ``perform``."""
    return _carried(referral, "consent", "offered_on", actor=actor, on=on, occurred_at=occurred_at, own=True, **given)


@carries_out(REFERRAL, "refer")
def counselling_refer(referral: CounsellingReferral, *, actor: User, counsellor: User, on: date | None = None,
                      occurred_at: datetime | None = None, **given) -> CounsellingReferral:  # fmt: skip
    """Refer to a counsellor, who sees it from now on. Raises Invalid naming ``counsellor`` or ``on``; as
    ``perform``."""
    with atomically():
        hold_dispute(referral, "refer", actor)
        _counsellor_check(referral, counsellor)
        return _carried(referral, "refer", "consented_on", actor=actor, on=on, occurred_at=occurred_at,
                        counsellor=counsellor, **given)  # fmt: skip


@carries_out(REFERRAL, "pass_on")
def counselling_pass_on(referral: CounsellingReferral, *, actor: User, counsellor: User, on: date | None = None,
                        occurred_at: datetime | None = None, **given) -> CounsellingReferral:  # fmt: skip
    """Pass a referral on to another counsellor, where the first has left or cannot; who had it reads it no longer.
    Raises Invalid naming ``counsellor`` or ``on`` (before the first referral); as ``perform``."""
    with atomically():
        hold_dispute(referral, "pass_on", actor)
        _counsellor_check(referral, counsellor)
        if CounsellingReferral.objects.lock(referral.pk).counsellor_id == counsellor.pk:
            raise Invalid(_("This counsellor has it already."), field="counsellor", code="same")
        return _carried(referral, "pass_on", "referred_on", actor=actor, on=on, occurred_at=occurred_at,
                        counsellor=counsellor, **given)  # fmt: skip


def _counsellor_check(referral: CounsellingReferral, counsellor: User) -> None:
    if not counsellors_for(referral.dispute).filter(pk=counsellor.pk).exists():
        raise Invalid(_("No counsellor of this place."), field="counsellor", code="elsewhere")


@carries_out(REFERRAL, "attend")
def counselling_attend(referral: CounsellingReferral, *, actor: User, on: date | None = None,
                       occurred_at: datetime | None = None, **given) -> CounsellingReferral:  # fmt: skip
    """Record that the party came. Raises Invalid naming ``on``; as ``perform``."""
    recorded = timezone.localdate(occurred_at or timezone.now())
    return _carried(referral, "attend", "referred_on", actor=actor, on=on, occurred_at=occurred_at,
                    recorded_on=recorded, **given)  # fmt: skip


@carries_out(REFERRAL, "correct")
def counselling_correct(referral: CounsellingReferral, *, actor: User, reason: str = "", **given
                        ) -> CounsellingReferral:  # fmt: skip
    """Take back that the party came, within ``CORRECTED_FOR``: it was pressed at the wrong referral. Raises Conflict
    (``under_way``: the party has been offered counselling anew since), Invalid naming ``reason`` (none is kept); as
    ``perform``."""
    with atomically():
        hold_dispute(referral, "correct", actor)
        locked = CounsellingReferral.objects.lock(referral.pk)
        _no_words(reason)
        again = CounsellingReferral.objects.filter(party=locked.party_id, state__in=REFERRAL_UNDER_WAY)
        if locked.state == CounsellingState.ATTENDED and again.exists():
            raise Conflict(_("This party has been offered counselling already."), code="under_way")
        on = locked.attended_on.isoformat() if locked.attended_on else None
        payload = {"party": locked.party_id, "attended_on_before": on}
        return carry(locked, "correct", actor=actor, payload=payload, **given)


@carries_out(REFERRAL, "take_back")
def counselling_take_back(referral: CounsellingReferral, *, actor: User, occurred_at: datetime | None = None,
                          reason: str = "", **given) -> CounsellingReferral:  # fmt: skip
    """Take back an offer that nobody has answered; today. The party's own page shows nothing of it any more. Raises
    Invalid naming ``reason`` (none is kept); as ``perform``."""
    return _carried(referral, "take_back", "offered_on", actor=actor, on=None, occurred_at=occurred_at, reason=reason,
                    **given)  # fmt: skip


def station_of(referral: CounsellingReferral) -> str:
    """Return where the counsellor of a referral works, for the party to go to; empty where they have left."""
    held = Appointment.objects.in_force().filter(user=referral.counsellor_id, role=Role.COUNSELLOR)
    held = held.filter(area__in=referral.dispute.area.lineage).select_related("unit").order_by("pk")
    return next((f"{post.unit.name} {post.unit.phone}".strip() for post in held), "")


@carries_out(REFERRAL, "decline")
def counselling_decline(referral: CounsellingReferral, *, actor: User, on: date | None = None,
                        occurred_at: datetime | None = None, **given) -> CounsellingReferral:  # fmt: skip
    """Record that the party declines; no reason is asked. Raises Invalid, NotPermitted; as ``perform``."""
    return _carried(referral, "decline", "offered_on", actor=actor, on=on, occurred_at=occurred_at, own=True, **given)


def counselling_answer(party: Party, *, user: User | None, agreed: bool) -> CounsellingReferral:
    """Consent to the own referral or decline it, on the party's own page; today. ``user``: the account they signed in
    with; None: by their link. Raises Conflict (``not_yet``: none was offered), NotPermitted; as ``perform``."""
    own = CounsellingReferral.objects.of_party(party)
    if own is None:
        raise Conflict(_("You have not been offered counselling."), code="not_yet")
    return (counselling_consent if agreed else counselling_decline)(own, actor=user or clock())
