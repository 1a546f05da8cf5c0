"""What a ballot says, kept so that nobody reads it: sealed in a secret vote, opened in memory only to be counted.

Nothing but ``property.voting.tally`` and the comparison of two readings opens a sealed choice, and neither tells it
on. A sealed text is of the same length whatever it says, and holds for one entry of one roll only.
"""

from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.sealing import Box
from property.models import Choice, Resolution, RollEntry
from property.models.ballot import Said

BOX = Box(b"jiceng ballots")
LENGTH = 32  # characters: an entry's id and the longest choice


def words(resolution: Resolution, entry: RollEntry, choice: str) -> dict[str, str]:
    """Return the columns that keep ``choice``: plain in an open vote, sealed in a secret one. Raises Invalid."""
    if choice not in Choice.values:
        raise Invalid(_("There is no such choice."), field="choice", code="invalid_choice")
    if not resolution.is_secret:
        return {"choice": choice, "sealed": ""}
    told = f"{entry.pk}:{choice}".ljust(LENGTH).encode()
    return {"choice": "", "sealed": BOX.sealed(told).decode()}


def said(row: Said, entry_id: int) -> str:
    """Return what a ballot or a reading of entry ``entry_id`` says. Raises ``governance.sealing.CannotOpen``."""
    if row.choice:
        return row.choice
    whose, choice = BOX.opened(row.sealed.encode()).decode().strip().split(":")
    if int(whose) != entry_id:
        raise ValueError(f"the ballot of entry {entry_id} was sealed for entry {whose}")
    return choice


def shown(row: Said, resolution: Resolution) -> str:
    """Return what may be shown of a ballot: its choice in an open vote, nothing in a secret one."""
    return "" if resolution.is_secret else row.choice
