"""A file is archived when nothing more may be handed in: once it is closed no document of a track is taken for it."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from mediation.disputes.completeness import completeness_check
from mediation.models import Dispute, Track


@completeness_check
def tracks_waited_for(dispute: Dispute) -> Iterator[str]:
    """Say until when which organ may still hand in its result; who leads may end its track before."""
    rows = Track.objects.running().filter(dispute=dispute, hand_in_by__gte=timezone.localdate())
    for row in rows.select_related("organ").order_by("pk"):
        told = {"organ": row.organ, "day": f"{row.hand_in_by:%Y-%m-%d}"}
        yield _("%(organ)s may still hand in its result until %(day)s.") % told
