"""What joint work does when a dispute ends or changes, and when a deadline passes."""

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.events import on
from governance.timers import fires
from mediation.disputes.acting import clock
from mediation.joint.acting import carry
from mediation.joint.deadlines import ACCESS_ENDS, TASK_DUE, TRACK_ENDS, track_timer_stop
from mediation.joint.invitations import (
    invitation_expire,
    invitations_of_helper_stop,
    invitations_recheck,
    invitations_stop,
)
from mediation.joint.sittings import sittings_stop
from mediation.joint.tasks import tasks_stop
from mediation.joint.tiers import escalations_stop
from mediation.joint.tracks import track_end, tracks_go_on, tracks_wind_up
from mediation.models import (
    DepartmentTask,
    Dispute,
    HelperInvitation,
    InvitationState,
    RespectedHelper,
    TaskState,
    Track,
    TrackState,
)


@on("dispute.agreed", "dispute.terminated", "dispute.declined", "dispute.referred", "dispute.reopening_taken_back")
def dispute_ended(event, dispute: Dispute) -> None:
    """Nobody works on it any more: requests, tasks, sittings to come and the helpers' access end with it, tracks some
    days later."""
    actor, at = clock(), event.occurred_at
    escalations_stop(dispute, actor=actor, at=at)
    tasks_stop(dispute, actor=actor, at=at)
    sittings_stop(dispute, actor=actor, at=at, reason=_("The dispute has ended."))
    invitations_stop(dispute, actor=actor, at=at)
    tracks_wind_up(dispute, actor=actor, at=at)


@on("dispute.end_taken_back")
def dispute_goes_on(event, dispute: Dispute) -> None:
    """It was a mistake that it ended: organs at work go on. Whoever was told that it is over is asked anew."""
    tracks_go_on(dispute, actor=clock(), at=event.occurred_at)


@on("dispute.consent_recorded")
def answer_recorded(event, dispute: Dispute) -> None:
    """A party may take back its consent to a helper at any time."""
    invitations_recheck(dispute, actor=clock(), at=event.occurred_at)


@on("helper.suspended", "helper.left")
def helper_gone(event, helper: RespectedHelper) -> None:
    """Nobody reads of a dispute as a helper who is not in the register, or not for now."""
    invitations_of_helper_stop(helper, actor=clock(), at=event.occurred_at)


@on("dispute.violence_marked")
def violence_marked(event, dispute: Dispute) -> None:
    """Where domestic violence became known the parties do not sit at one table."""
    if dispute.domestic_violence:
        sittings_stop(dispute, actor=clock(), at=event.occurred_at, together_only=True,
                      reason=_("There was domestic violence: the parties do not sit together."))  # fmt: skip


@fires(TASK_DUE)
def task_due(timer) -> None:
    """A department did not answer by its day."""
    task = DepartmentTask.objects.lock(timer.subject_id)
    if task.state == TaskState.ASKED:
        carry(task, "miss", actor=clock(), occurred_at=timer.due_at, payload={"unit": task.unit_id})


@on("track.result", "track.declined", "track.given_up")
def track_over(event, track: Track) -> None:
    """The result came, or is not waited for."""
    track_timer_stop(track)


@fires(TRACK_ENDS)
def track_ends(timer) -> None:
    """The dispute ended days ago, and no result was handed in."""
    track = Track.objects.lock(timer.subject_id)
    if track.state in (TrackState.ACCEPTED, TrackState.WORKING) and track.hand_in_by is not None:
        track_end(track, actor=clock(), at=timer.due_at,
                  reason=_("The dispute has ended, and no result was handed in."))  # fmt: skip


@fires(ACCESS_ENDS)
def access_ends(timer) -> None:
    """The last day of a helper's access passed."""
    invitation = HelperInvitation.objects.lock(timer.subject_id)
    if invitation.state in (InvitationState.INVITED, InvitationState.ACCEPTED):
        invitation_expire(invitation, actor=clock(), at=min(timer.due_at, timezone.now()))
