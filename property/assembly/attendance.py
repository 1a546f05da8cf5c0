"""Who is asked to a session, who is there, and whether they are enough."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import OrgUnit, Role, User
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from governance.workflow import carries_out
from property.assembly.acting import carry, figures_of
from property.assembly.invitation_workflow import WAS_THERE, InvitationState
from property.assembly.querysets import ANSWERS
from property.assembly.quorum import Counted, counted
from property.assembly.session_workflow import TO_COME, SessionState
from property.assembly.sign_in import session_of
from property.estates import units_serving
from property.models import Assembly, AssemblySession, Invitation, Seat, SeatRole

SESSION, INVITATION = "property.assemblysession", "property.invitation"
# People may sign in from so long before the session [J].
SIGN_IN_BEFORE = timedelta(minutes=60)


def quorum_of(session: AssemblySession) -> Counted:
    """Count who is there now against the assembly's quorum; reads ``invitations``."""
    rows = [row for row in session.invitations.all() if row.counts and row.state != InvitationState.WITHDRAWN]
    return counted(session.assembly.quorum, [(row.role, row.state == InvitationState.ATTENDED) for row in rows])


def quorum_check(session: AssemblySession) -> None:
    """Raise Conflict where fewer are there than the quorum asks for."""
    found = quorum_of(session)
    if not found.reached:
        text = _("There is no quorum any more: %(present)s of %(needed)s needed are there.")
        raise Conflict(text % {"present": found.present, "needed": found.needed}, code="no_quorum")


def seats_invite(session: AssemblySession) -> int:
    """Ask the seats in force on the session's day who are not asked yet; return how many are asked in all.

    A unit that has nothing to do with the assembly's estate any more is passed over: its contract ended.
    """
    rows = list(session.invitations.all())
    seats = {row.seat_id for row in rows}
    people = {row.person_id for row in rows} - {None}
    units = {row.unit_id for row in rows} - {None}
    fresh = []
    for seat in _seats_to_ask(session):
        if seat.pk in seats or seat.person_id in people or seat.unit_id in units:
            continue
        people |= {seat.person_id} - {None}
        units |= {seat.unit_id} - {None}
        fresh.append(
            Invitation(session=session, area=session.area, seat=seat, role=seat.role, title=seat.title,
                       unit_id=seat.unit_id, person_id=seat.person_id, name=seat.name)
        )  # fmt: skip
    Invitation.objects.bulk_create(fresh)
    return len(rows) + len(fresh)


def _seats_to_ask(session: AssemblySession) -> list[Seat]:
    day = timezone.localtime(session.starts_at).date()
    seats = list(session.assembly.seats.in_force(day).select_related("unit"))
    serving = units_serving(session.assembly.estate, [seat.unit for seat in seats if seat.unit_id], day)
    return [seat for seat in seats if seat.unit_id is None or seat.unit in serving]


def invitations_renew(session: AssemblySession, *, at: datetime) -> None:
    """Ask everybody again: the session has a new date."""
    clock = User.objects.system("timers")
    rows = session.invitations.exclude(state__in=[InvitationState.INVITED, InvitationState.WITHDRAWN])
    for row in rows.order_by("id"):
        carry(row, "ask_again", actor=clock, occurred_at=at)


def absent_mark(session: AssemblySession, *, at: datetime) -> None:
    """Mark who was asked and never came."""
    clock = User.objects.system("timers")
    missing = [InvitationState.INVITED, InvitationState.COMING, InvitationState.DECLINED]
    for row in session.invitations.filter(state__in=missing).order_by("id"):
        carry(row, "miss", actor=clock, occurred_at=at)


@carries_out(SESSION, "invite")
def session_invite(session: AssemblySession, *, actor: User, guest: str = "", unit: OrgUnit | None = None,
                   person: User | None = None, title: str = "", role: str = SeatRole.GUEST, **given):  # fmt: skip
    """Ask somebody besides the seats: a unit, a person with an account, or somebody by name.

    Raises Invalid naming ``guest`` unless it is exactly one of them; Conflict for who is asked already.
    """
    if sum(bool(one) for one in (guest.strip(), unit, person)) != 1:
        text = _("Name a unit, or a person with an account, or a name: one of them.")
        raise Invalid(text, field="guest", code="one_of")
    with atomically():
        locked = AssemblySession.objects.lock(session.pk)
        same = locked.invitations.filter(unit=unit, person=person, name=guest.strip())
        if same.exclude(state=InvitationState.WITHDRAWN).exists():
            raise Conflict(_("They are asked already."), code="asked")
        held = {"role": role, "title": title.strip()}
        back = same.first()
        if back is None:
            asked = {"unit": unit, "person": person, "name": guest.strip()}
            Invitation.objects.create(session=locked, area=locked.area, **asked, **held)
        else:
            carry(back, "ask_again", actor=User.objects.system("timers"))
            same.update(**held)
        # The step comes last: who is told of it sees the session only once they are asked.
        payload = {"role": role, "person": person.pk if person else None, "unit": unit.pk if unit else None}
        return carry(locked, "invite", actor=actor, payload=payload, **given)


def sign_in_open(session: AssemblySession, at: datetime) -> bool:
    """Tell whether people can sign in at ``at``."""
    begun = session.state == SessionState.NOTICED and at >= session.starts_at - SIGN_IN_BEFORE
    return begun or session.state == SessionState.IN_SESSION


def _check_open(session: AssemblySession, at: datetime) -> None:
    if not sign_in_open(session, at):
        raise Conflict(_("Nobody can sign in to this session now."), code="closed")


@carries_out(INVITATION, "sign_in")
def invitation_sign_in(invitation: Invitation, *, actor: User, stand_in: str = "", occurred_at: datetime | None = None,
                       **given) -> Invitation:  # fmt: skip
    """Sign somebody in by hand. Raises Conflict unless the session can be signed in to."""
    at = occurred_at or timezone.now()
    with atomically():
        _check_open(AssemblySession.objects.lock(invitation.session_id), at)
        return carry(invitation, "sign_in", actor=actor, occurred_at=at, payload={"way": "hand"}, signed_in_at=at,
                     stand_in=stand_in.strip() or invitation.stand_in, **given)  # fmt: skip


def _while_open(name: str):
    """Steps that make sense only while the session goes on: after it, who was there is history."""

    def service(invitation: Invitation, *, actor: User, occurred_at: datetime | None = None, **given) -> Invitation:
        at = occurred_at or timezone.now()
        with atomically():
            _check_open(AssemblySession.objects.lock(invitation.session_id), at)
            return carry(invitation, name, actor=actor, occurred_at=at, **given)

    carries_out(INVITATION, name)(service)


def _beforehand(name: str):
    """Answers and taking back belong before the session: while it goes on they would change what the quorum is of."""

    def service(invitation: Invitation, *, actor: User, **given) -> Invitation:
        with atomically():
            if AssemblySession.objects.lock(invitation.session_id).state not in TO_COME:
                raise Conflict(_("The session is not to come any more."), code="not_now")
            return carry(invitation, name, actor=actor, **given)

    carries_out(INVITATION, name)(service)


for _name in ("come", "decline", "withdraw"):
    _beforehand(_name)
_while_open("leave")
_while_open("undo")


@carries_out(INVITATION, "scan")
def invitation_scan(invitation: Invitation, **given) -> Invitation:
    """Nobody signs in as by a code without one: ``session_sign_in`` is the only way."""
    raise Invalid(_("This is no code for signing in."), field="code", code="required")


def session_sign_in(*, actor: User, code: str, occurred_at: datetime | None = None) -> Invitation:
    """Sign in by the code shown in the room: who is asked, for a unit one of its people; a resident of the place who
    was not asked sits there as a listener.

    Raises Invalid naming ``code`` (none of ours, or too old), Conflict (not open; signed in already) or NotPermitted.
    """
    at = occurred_at or timezone.now()
    with atomically():
        session = AssemblySession.objects.lock(session_of(code, at).pk)
        _check_open(session, at)
        mine = _invitation_of(session, actor)
        if mine is not None and mine.state in (InvitationState.ATTENDED, InvitationState.WITHDRAWN):
            raise Conflict(_("You are signed in already.") if mine.state in WAS_THERE else
                           _("This invitation was taken back."), code="signed_in")  # fmt: skip
        if mine is None:
            mine = _listener(session, actor, at)
        return carry(mine, "scan", actor=actor, occurred_at=at, payload={"way": "code"}, signed_in_at=at,
                     attended_by=actor)  # fmt: skip


def _invitation_of(session: AssemblySession, actor: User) -> Invitation | None:
    """Return the invitation that is the person's own, else one of a unit they work for."""
    rows = session.invitations.select_related("unit", "person", "area")
    held = [row for row in rows if grant_for(ANSWERS, row, actor) is not None]
    held.sort(key=lambda row: (row.state == InvitationState.WITHDRAWN, row.person_id is None, row.pk))
    return held[0] if held else None


def _listener(session: AssemblySession, actor: User, at: datetime) -> Invitation:
    if not Assembly.objects.of_residents(actor).filter(pk=session.assembly_id).exists():
        raise NotPermitted(_("You are not asked to this session, and do not live here."))
    made = Invitation.objects.create(session=session, area=session.area, role=SeatRole.LISTENER, person=actor)
    events.record("invitation.listener", made, actor=actor, grant=Grant(Role.RESIDENT), payload=figures_of(made),
                  occurred_at=at)  # fmt: skip
    return made
