"""A file is archived when nothing more may be handed in, and what was handed in is there with its document."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from mediation.disputes.completeness import completeness_check
from mediation.models import Dispute, DisputeFile, FileKind, Track, TrackState


@completeness_check
def tracks_waited_for(dispute: Dispute) -> Iterator[str]:
    """Say until when which organ may still hand in its result; who leads may end its track before."""
    rows = Track.objects.running().filter(dispute=dispute, hand_in_by__gte=timezone.localdate())
    for row in rows.select_related("organ").order_by("pk"):
        told = {"organ": row.organ, "day": f"{row.hand_in_by:%Y-%m-%d}"}
        yield _("%(organ)s may still hand in its result until %(day)s.") % told


@completeness_check
def documents_of_tracks_missing(dispute: Dispute) -> Iterator[str]:
    """Say of which track the file has a result, but neither the number of its document nor a scan: who works on the
    dispute adds one at the track, also once it is closed."""
    scanned = DisputeFile.objects.filter(dispute=dispute, kind=FileKind.TRACK_DOCUMENT).kept().values("track_id")
    rows = Track.objects.filter(dispute=dispute, state=TrackState.RESULT, document="").exclude(pk__in=scanned)
    for row in rows.select_related("organ").order_by("pk"):
        told = {"organ": row.organ, "track": row.get_kind_display()}
        yield _("%(track)s by %(organ)s: there is a result, but neither the number of its document nor a scan.") % told
