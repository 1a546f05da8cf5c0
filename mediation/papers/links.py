"""Links to the own page of a party: made by who works on the dispute, shown once as an address and a QR code.

The second factor is what only the party and the file know: the last four digits of the phone. Five wrong tries lock the
link; a new one is made face to face. Nothing is told before the second factor, not even that a dispute exists.

Who lives with a party knows those digits too: where the violence is domestic a link takes a reason, and saying that it
is ends the links that are open.
"""

import hashlib
import re
import secrets
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.events import on
from governance.models import IdempotencyRecord, Role, User
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from mediation.disputes.acting import SYSTEM_GRANT, clock, grant_or_refuse, tell, words_check
from mediation.disputes.digests import digest_of
from mediation.disputes.querysets import HANDLES, READS
from mediation.disputes.states import PartyKind
from mediation.models import Dispute, Party, PartyLink

TOKEN_BYTES = 32
LONGEST_REASON = 500
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
DIGITS = 4
MOST_TRIES = 5  # [J]: 5 of 10,000 in all; the digits are not a secret kept from the other side's neighbours
USUAL_DAYS, LONGEST_DAYS = 60, 366  # [J]: the 30-day term and the 30 days to apply for confirmation


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def link_make(party: Party, *, actor: User, days: int = USUAL_DAYS, reason: str = "",
              once: UUID | None = None) -> tuple[PartyLink, str]:  # fmt: skip
    """Make a link for a party and return it with its token, told once; older links of the party end.

    Where the violence is domestic it takes a ``reason``: who lives with the party knows the digits. ``once`` names the
    form that asks for it: sent a second time, as by loading the page with the code anew, it would end the link that was
    scanned a moment ago. Raises NotPermitted, Invalid naming ``days`` or ``reason``, Conflict (``no_phone``: there
    would be no second factor; ``made``: by this form already).
    """
    words_check(reason=reason, longest=LONGEST_REASON)
    with atomically():
        held = Dispute.objects.lock(party.dispute_id)
        grant = grant_or_refuse(HANDLES, held, actor)
        if not 1 <= days <= LONGEST_DAYS:
            raise Invalid(_("A link is valid for 1 to 366 days."), field="days", code="out_of_range")
        if len(digits_of(party)) != DIGITS:
            raise Conflict(_("Record the phone of this party first: its last four digits open the page."),
                           code="no_phone")  # fmt: skip
        if held.domestic_violence and not reason.strip():
            text = _(
                "Domestic violence: who lives with the party knows these digits. Say why a link is made all the same."
            )
            raise Invalid(text, field="reason", code="violence")
        _once(once, actor)
        now, token = timezone.now(), secrets.token_urlsafe(TOKEN_BYTES)
        PartyLink.objects.filter(party=party, revoked_at=None).update(revoked_at=now)
        link = PartyLink.objects.create(
            dispute=held, party=party, token_hash=hash_of(token), made_by=actor, made_at=now,
            expires_at=now + timedelta(days=days),
        )  # fmt: skip
        tell("dispute.link_made", held, actor=actor, grant=grant, at=now, party=party.pk, link=link.pk, days=days,
             domestic_violence=held.domestic_violence, text=reason.strip())  # fmt: skip
    return link, token


def _once(once: UUID | None, actor: User) -> None:
    """Raise Conflict (``made``) where this form made a link already."""
    if once is None:
        return
    _row, is_new = IdempotencyRecord.objects.get_or_create(
        scope=f"party link user:{actor.pk}", key=str(once), defaults={"status": HTTPStatus.CREATED}
    )
    if not is_new:
        raise Conflict(_("Made already: the code is shown only once. Where a new one is needed, make it anew; the old "
                         "one ends then."), code="made")  # fmt: skip


def link_revoke(link: PartyLink, *, actor: User) -> PartyLink:
    """Make a link worthless at once. Raises NotPermitted, Conflict when it already is."""
    with atomically():
        held = Dispute.objects.lock(link.dispute_id)
        grant = grant_or_refuse(HANDLES, held, actor)
        fresh = PartyLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
        if fresh.revoked_at is not None:
            raise Conflict(_("This link has been revoked already."), code="revoked")
        fresh.revoked_at = timezone.now()
        fresh.save(update_fields=["revoked_at"])
        tell("dispute.link_revoked", held, actor=actor, grant=grant, party=fresh.party_id, link=fresh.pk)
    return fresh


@on("dispute.violence_marked")
def links_end(event, dispute: Dispute) -> None:
    """It is domestic violence: links that are open may lie with who did it. New ones are made for a reason."""
    if event.payload["domestic_violence"]:
        _end(dispute, PartyLink.objects.filter(dispute=dispute), domestic_violence=True)


@on("dispute.party_amended", "dispute.party_struck")
def links_of_party_end(event, dispute: Dispute) -> None:
    """The row stands for somebody else now, or for nobody: who holds a link of it reads no more."""
    if event.payload.get("void", True):
        _end(dispute, PartyLink.objects.filter(dispute=dispute, party=event.payload["party"]))


def _end(dispute: Dispute, links: QuerySet[PartyLink], **told) -> None:
    now = timezone.now()
    rows = links.filter(revoked_at=None, locked_at=None, expires_at__gt=now)
    for link in rows.select_for_update(of=("self",)):
        link.revoked_at = now
        link.save(update_fields=["revoked_at"])
        tell("dispute.link_revoked", dispute, actor=clock(), grant=SYSTEM_GRANT, at=now, party=link.party_id,
             link=link.pk, **told)  # fmt: skip


def link_of(token: str) -> PartyLink | None:
    """Return the link of a token that holds now, or None."""
    if not TOKEN.fullmatch(token):
        return None
    rows = PartyLink.objects.select_related("party__dispute").filter(token_hash=hash_of(token))
    found = rows.first()
    return found if found is not None and found.holds() else None


def link_open(link: PartyLink, digits: str) -> Party:
    """Return the party for the right last digits of their phone. Raises Invalid naming ``digits``; the fifth wrong try
    locks the link (Conflict, ``locked``)."""
    with atomically():
        held = Dispute.objects.lock(link.dispute_id)
        fresh = PartyLink.objects.select_for_update(of=("self",)).select_related("party").get(pk=link.pk)
        wanted, now = digits_of(fresh.party), timezone.now()
        open_, right = fresh.holds(now), bool(wanted) and constant_time_compare(digits.strip(), wanted)
        if open_ and right:
            fresh.opened_at, fresh.failures = now, 0
            fresh.save(update_fields=["opened_at", "failures"])
            return fresh.party
        if open_:
            _failed(held, fresh, now)
    if fresh.locked_at is not None or not open_:
        raise Conflict(_("This link is locked or no longer valid. Ask the mediator for a new one."), code="locked")
    raise Invalid(
        _("These are not the last four digits of the phone that the mediator has. Tries left: %(count)s.")
        % {"count": MOST_TRIES - fresh.failures},
        field="digits", code="wrong",
    )  # fmt: skip


def party_claim(party: Party, *, user: User) -> bool:
    """Keep the account of a party who opened the own link while signed in, so that they find the dispute under their
    account too; return whether it was kept.

    Not where the party has an account, is an organisation or acts through a legal agent; nor that of somebody who reads
    the dispute at work, is another party to it, or whose own phone is known and is not the party's.
    """
    with atomically():
        held = Dispute.objects.lock(party.dispute_id)
        fresh = Party.objects.select_for_update(of=("self",)).get(pk=party.pk)
        if fresh.user_id is not None or fresh.kind != PartyKind.PERSON or fresh.without_capacity:
            return False
        if user.phone and digest_of(user.phone) != fresh.phone_digest:
            return False
        if grant_for(READS, held, user) is not None or held.parties.filter(user=user).exists():
            return False
        fresh.user = user
        fresh.save(update_fields=["user"])
        tell("dispute.party_claimed", held, actor=user, grant=Grant(Role.RESIDENT), party=fresh.pk)
    return True


def _failed(dispute: Dispute, link: PartyLink, now) -> None:
    link.failures += 1
    if link.failures >= MOST_TRIES:
        link.locked_at = now
        tell("dispute.link_locked", dispute, actor=clock(), grant=SYSTEM_GRANT, at=now, party=link.party_id,
             link=link.pk)  # fmt: skip
    link.save(update_fields=["failures", "locked_at"])


def digits_of(party: Party) -> str:
    """Return the last four digits of a party's phone; fewer where none is known."""
    return "".join(sign for sign in party.phone if sign.isdigit())[-DIGITS:]
