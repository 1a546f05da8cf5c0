"""Verdicts on early warnings: what whoever looked into one says it was."""

from collections.abc import Sequence

from governance.attachments import attach
from governance.models import AttachmentPurpose, User
from governance.photos import Upload
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from mediation.models import EarlyWarning


@carries_out("mediation.earlywarning", "confirm")
def warning_confirm(warning: EarlyWarning, *, actor: User, photos: Sequence[Upload] = (), **given) -> EarlyWarning:
    """Say that disputes are building up there."""
    return _judge(warning, "confirm", actor, photos, given)


@carries_out("mediation.earlywarning", "known")
def warning_known(warning: EarlyWarning, *, actor: User, photos: Sequence[Upload] = (), **given) -> EarlyWarning:
    """Say that it was known already and is dealt with."""
    return _judge(warning, "known", actor, photos, given)


@carries_out("mediation.earlywarning", "dismiss")
def warning_dismiss(warning: EarlyWarning, *, actor: User, photos: Sequence[Upload] = (), **given) -> EarlyWarning:
    """Say that it was a false alarm, and why."""
    return _judge(warning, "dismiss", actor, photos, given)


def _judge(warning: EarlyWarning, name: str, actor: User, photos: Sequence[Upload], given: dict) -> EarlyWarning:
    with atomically():
        fresh, event = perform(warning, name, actor=actor, **given)
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return fresh
