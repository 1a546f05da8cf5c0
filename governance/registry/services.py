"""Every write of residencies and ownerships. Doors call these or ``governance.workflow.act``, nothing else.

Whatever changes the people of a dwelling locks the dwelling first, then the row: two changes at once take turns.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.attachments import attach
from governance.errors import REASON_NEEDED, Conflict, Invalid, NotPermitted
from governance.models import AttachmentPurpose, Dwelling, Ownership, Residency, User
from governance.models.residency import OPEN
from governance.photos import Upload
from governance.registry.voting import check_room, locked_dwelling, verified_share
from governance.registry.workflow import DECIDES, OWN
from governance.scoping import Rule, grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform

Tie = Residency | Ownership


def residency_claim(*, actor: User, dwelling: Dwelling, kind: str, valid_from: date | None = None, note: str = "",
                    evidence: Sequence[Upload] = ()) -> Residency:  # fmt: skip
    """A signed-in person says: I live there. The community confirms or refuses.

    Raises Invalid (dwelling not in use, day in the future) and Conflict (claimed or confirmed already).
    """
    claim = Residency(user=actor, dwelling=dwelling, kind=kind, valid_from=valid_from or timezone.localdate())
    return _open(claim, actor=actor, rule=OWN, text=note, evidence=evidence)


def ownership_claim(*, actor: User, dwelling: Dwelling, share_numerator: int = 1, share_denominator: int = 1,
                    valid_from: date | None = None, owner_name: str = "", owner_phone: str = "", note: str = "",
                    evidence: Sequence[Upload] = ()) -> Ownership:  # fmt: skip
    """A signed-in person says: I own it, or a share of it. Name and phone default to the account's.

    Raises as ``residency_claim``, and Invalid for a share that is none.
    """
    claim = Ownership(
        user=actor, dwelling=dwelling, owner_name=owner_name.strip() or actor.get_full_name(),
        owner_phone=owner_phone or actor.phone or "", share_numerator=share_numerator,
        share_denominator=share_denominator, valid_from=valid_from or timezone.localdate(),
    )  # fmt: skip
    return _open(claim, actor=actor, rule=OWN, text=note, evidence=evidence)


def residency_enter(*, actor: User, dwelling: Dwelling, user: User, kind: str, reason: str,
                    valid_from: date | None = None, evidence: Sequence[Upload] = ()) -> Residency:  # fmt: skip
    """Staff enter who lives there, confirmed at once; ``reason`` says how they know. Raises as the claim."""
    entry = Residency(user=user, dwelling=dwelling, kind=kind, valid_from=valid_from or timezone.localdate())
    return _enter(entry, actor=actor, reason=reason, evidence=evidence)


def ownership_enter(*, actor: User, dwelling: Dwelling, owner_name: str, reason: str, owner_phone: str = "",
                    user: User | None = None, share_numerator: int = 1, share_denominator: int = 1,
                    valid_from: date | None = None, evidence: Sequence[Upload] = ()) -> Ownership:  # fmt: skip
    """Staff enter an owner, confirmed at once; ``reason`` says how they know (number of the title deed).

    Raises as the claim, and Conflict when the shares would exceed the whole.
    """
    entry = Ownership(
        user=user, dwelling=dwelling, owner_name=owner_name.strip(), owner_phone=owner_phone,
        share_numerator=share_numerator, share_denominator=share_denominator,
        valid_from=valid_from or timezone.localdate(),
    )  # fmt: skip
    return _enter(entry, actor=actor, reason=reason, evidence=evidence)


def _enter(entry: Tie, *, actor: User, reason: str, evidence: Sequence[Upload]) -> Tie:
    if not reason.strip():
        raise Invalid(REASON_NEEDED, field="reason", code="required")
    with atomically():
        _open(entry, actor=actor, rule=DECIDES, text="", evidence=evidence)
        confirm = residency_verify if isinstance(entry, Residency) else ownership_verify
        return confirm(entry, actor=actor, reason=reason)


def _open(tie: Tie, *, actor: User, rule: Rule, text: str, evidence: Sequence[Upload]) -> Tie:
    """Store a new claim with its event and evidence; ``rule`` says who may."""
    name = tie._meta.model_name
    with atomically():
        tie.dwelling = locked_dwelling(tie.dwelling_id)
        tie.area = tie.dwelling.area
        grant = grant_for(rule, tie, actor)
        if grant is None:
            raise NotPermitted(_("You may not enter this: it is your own matter or lies outside your area."))
        _check_new(tie)
        tie.save(force_insert=True)
        payload = {"to": tie.state} | _figures(tie)
        event = events.record(f"{name}.claimed", tie, actor=actor, grant=grant, payload=payload, text=text.strip())
        if evidence:
            attach(tie, evidence, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return tie


def _figures(tie: Tie) -> dict:
    return {"kind": tie.kind} if isinstance(tie, Residency) else {"share": tie.share_text}


def _check_new(tie: Tie) -> None:
    if not tie.dwelling.is_active:
        raise Invalid(_("This dwelling is no longer in use."), field="dwelling", code="inactive")
    if tie.valid_from > timezone.localdate():
        raise Invalid(_("The day lies in the future."), field="valid_from", code="future")
    if _same(tie).exists():
        raise Conflict(_("This is entered or claimed already."), code="duplicate")
    try:
        tie.clean_fields(exclude=["area", "dwelling", "user", "state"])
        tie.validate_constraints(exclude=["state", "user", "dwelling"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field="share_numerator" if field == NON_FIELD_ERRORS else field) from error


def _same(tie: Tie):
    """Return open rows of the same person and dwelling; owners without an account are known by name and phone."""
    rows = type(tie).objects.filter(dwelling=tie.dwelling, state__in=OPEN)
    if tie.user_id is not None:
        return rows.filter(user_id=tie.user_id)
    return rows.filter(owner_name=tie.owner_name, owner_phone=tie.owner_phone)


def tie_move(tie: Tie, name: str, *, actor: User, version: int | None = None, reason: str = "",
             occurred_at: datetime | None = None, photos: Sequence[Upload] = (), **data) -> Tie:  # fmt: skip
    """Carry out a transition and keep the files that came with it; ``governance.registry.workflow`` says who may."""
    with atomically():
        locked_dwelling(tie.dwelling_id)
        fresh, event = perform(tie, name, actor=actor, version=version, reason=reason, occurred_at=occurred_at, **data)
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return fresh


def _carry_out_simply(label: str, name: str) -> None:
    def service(tie: Tie, *, actor: User, **given) -> Tie:
        return tie_move(tie, name, actor=actor, **given)

    carries_out(label, name)(service)


for _label in ("governance.residency", "governance.ownership"):
    for _name in ("refuse", "withdraw"):
        _carry_out_simply(_label, _name)


@carries_out("governance.residency", "verify")
def residency_verify(residency: Residency, *, actor: User, **given) -> Residency:
    """Confirm that the person lives there."""
    return tie_move(residency, "verify", actor=actor, **given)


@carries_out("governance.ownership", "verify")
def ownership_verify(ownership: Ownership, *, actor: User, **given) -> Ownership:
    """Confirm an owner. The shares of all confirmed owners stay within the whole; who owns it all votes for it."""
    with atomically():
        dwelling = locked_dwelling(ownership.dwelling_id)
        taken = verified_share(dwelling, without=ownership)
        check_room(ownership, taken)
        alone = ownership.share == 1
        return tie_move(
            ownership, "verify", actor=actor, is_voter=alone,
            payload={"share": ownership.share_text, "voter": alone}, **given,
        )  # fmt: skip


@carries_out("governance.ownership", "name_voter")
def ownership_name_voter(ownership: Ownership, *, actor: User, version: int | None = None, **given) -> Ownership:
    """Let this owner vote for the dwelling; the former voter is replaced in the same transaction."""
    with atomically():
        dwelling = locked_dwelling(ownership.dwelling_id)
        voters = Ownership.objects.current().filter(dwelling=dwelling, is_voter=True)
        former = voters.exclude(pk=ownership.pk).first()
        if former is not None:
            perform(former, "replace_voter", actor=actor, payload={"by": ownership.pk})
        payload = {"former": former.pk if former else None}
        return tie_move(ownership, "name_voter", actor=actor, version=version, payload=payload, **given)


@carries_out("governance.residency", "end")
@carries_out("governance.ownership", "end")
def tie_end(tie: Tie, *, actor: User, ended_on: date | None = None, **given) -> Tie:
    """End a residency or an ownership with its last day (default today).

    Raises Invalid for a day in the future or before the first.
    """
    ended_on = ended_on or timezone.localdate()
    if ended_on > timezone.localdate():
        raise Invalid(_("The day lies in the future."), field="ended_on", code="future")
    if ended_on < tie.valid_from:
        raise Invalid(_("The last day lies before the first."), field="ended_on", code="too_early")
    return tie_move(tie, "end", actor=actor, ended_on=ended_on, payload={"ended_on": str(ended_on)}, **given)
