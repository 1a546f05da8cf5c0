"""Codes of redemptions: made so that nobody guesses one, kept so that no list tells one, found by who is shown one."""

import hmac
import secrets

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.identity.limits import KeyThrottle, throttled
from governance.models import User
from governance.sealing import Box, CannotOpen
from partners.models import Coupon, Redemption

# Without letters and digits that look alike; 12 of 32 are 60 random bits: who tries 60 a minute needs 10^10 years [J].
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH, GROUP = 12, 4
SALT = "partners.rewards.codes"
BOX = Box(b"partners.rewards.codes")
TRIES = "coupon-try"


def code_new() -> str:
    """Return a new code, of a generator for secrets."""
    return "".join(secrets.choice(LETTERS) for _number in range(LENGTH))


def digest_of(code: str, key: str | None = None) -> str:
    """Return the keyed hash by which a code is found (hex)."""
    return salted_hmac(SALT, code, secret=key or settings.SECRET_KEY, algorithm="sha256").hexdigest()


def coupon_of(redemption: Redemption, code: str) -> Coupon:
    """Return the row, not stored, that keeps the code of a redemption."""
    return Coupon(redemption=redemption, digest=digest_of(code), sealed=BOX.sealed(code.encode()))


def code_of(redemption: Redemption) -> str | None:
    """Return the code of a redemption, for its owner's eyes; None where this installation lost the key."""
    try:
        return BOX.opened(bytes(Coupon.objects.get(redemption=redemption).sealed)).decode()
    except CannotOpen:
        return None


def grouped(code: str) -> str:
    """Return a code as people read it: ABCD-EFGH-JKLM."""
    return "-".join(code[place : place + GROUP] for place in range(0, len(code), GROUP))


def normalised(text: str) -> str:
    """Return what was typed or scanned as a code: the last part of a link, capitals, no spaces and dashes."""
    last = text.strip().rstrip("/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last.upper() if letter.isascii() and letter.isalnum())[:40]


def fits(redemption: Redemption, text: str) -> bool:
    """Tell whether what was typed is the code of a redemption."""
    stored = Coupon.objects.filter(redemption=redemption).values_list("digest", flat=True).first() or ""
    return any(hmac.compare_digest(stored, digest) for digest in _digests(normalised(text)))


def _digests(code: str) -> list[str]:
    return [digest_of(code, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def count_try(actor: User) -> None:
    """Count that somebody looks a code up. Raises TooMany. Call it outside of what a refusal would undo."""
    throttled(KeyThrottle(f"user:{actor.pk}"), TRIES)


def code_find(text: str, *, actor: User) -> Redemption:
    """Return the redemption whose code somebody was shown, whoever's it is; the caller asks what they may.

    Raises Invalid naming ``code`` (``unknown``), TooMany.
    """
    count_try(actor)
    coupon = Coupon.objects.filter(digest__in=_digests(normalised(text))).first()
    if coupon is None:
        raise Invalid(_("There is no such code. Please check each letter."), field="code", code="unknown")
    return Redemption.objects.with_rows().get(pk=coupon.redemption_id)
