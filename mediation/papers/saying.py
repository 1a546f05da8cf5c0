"""What a party says on the own page: agree to be mediated or refuse, withdraw, ask that the mediator stand aside, ask
for confirmation, tell how the agreement is performed, consent to counselling or decline it. The page has made sure who
they are (account, or link and second factor)."""

from dataclasses import dataclass

from django.db.models import Model, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import Event, User
from governance.transactions import atomically
from mediation.confirmation.applying import confirmation_consent
from mediation.confirmation.eligibility import applicants_of, bound_by, wishes_of
from mediation.confirmation.states import NOT_APPLIED
from mediation.disputes.acting import SYSTEM_GRANT, clock, tell
from mediation.disputes.capacity import through_agent
from mediation.disputes.consents import answers_of, party_answer
from mediation.disputes.recusals import recusal_ask, recusal_possible
from mediation.disputes.states import OPEN, ConsentAnswer, ConsentTo
from mediation.followup.counselling import counselling_answer
from mediation.followup.states import REFERRAL_UNDER_WAY
from mediation.models import (
    Agreement,
    ConfirmationState,
    Consent,
    CounsellingReferral,
    CounsellingState,
    Dispute,
    JudicialConfirmation,
    Party,
    PartyReply,
    ReplyPerformed,
    WishAnswer,
    WishHow,
)

A = ConsentAnswer
REPLIED = "dispute.party_replied"
# What somebody does with what a party said of the performance: from then on it is not put right any more.
ACTED = (
    "followup.done", "followup.corrected", "followup.refused", "followup.unreachable", "obligation.performed",
    "obligation.part", "obligation.urged", "obligation.told_of_litigation", "dispute.reopened",
)  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """A party at the own page. ``user``: the account they signed in with; None: by their link."""

    party: Party
    user: User | None = None


def answer_of(party: Party) -> Consent | None:
    """Return the party's latest answer about being mediated, of this round."""
    return answers_of(party.dispute, ConsentTo.MEDIATION).get(party.pk)


def takes_part(party: Party) -> bool:
    """Whether the party's latest answer of this round is that they agree to be mediated."""
    answer = answer_of(party)
    return answer is not None and answer.answer == A.AGREED


def may_say(party: Party, *, by_account: bool = False) -> list[str]:
    """Return what the party may say now: words of ``ANSWERS``, ``WISHES``, ``COUNSELLING``, ``recuse``, ``reply``.

    For a party without full capacity the legal agent answers: here only by link, once the paper is recorded."""
    found = _may_say(party)
    if through_agent(party, by_account=by_account):
        return [word for word in found if word not in OF_AGENT]
    return found


def _may_say(party: Party) -> list[str]:
    found = []
    if party.dispute.state in OPEN:
        answer = answer_of(party)
        if answer is not None and answer.answer == A.AGREED:
            found = ["withdraw"]
        else:
            found = ["agree"] if answer is not None and answer.answer == A.REFUSED else ["agree", "refuse"]
        if recusal_possible(party.dispute):
            found.append("recuse")
    found += _wishes_left(party)
    if effective_of(party) is not None and not _settled_today(party):
        found.append("reply")
    return found + _of_counselling(party)


def _of_counselling(party: Party) -> list[str]:
    own = CounsellingReferral.objects.of_party(party)
    if own is None or own.state not in REFERRAL_UNDER_WAY:
        return []
    return [*COUNSELLING] if own.state == CounsellingState.OFFERED else ["decline_counselling"]


def _wishes_left(party: Party) -> list[str]:
    """Return what the party may say of confirmation, as long as the term runs: asking for it also after somebody said
    that it is not wanted."""
    confirmation = confirmation_of(party)
    if confirmation is None or confirmation.late:
        return []
    if confirmation.state == ConfirmationState.NOT_WANTED:
        return ["confirm"]
    if confirmation.state != ConfirmationState.ELIGIBLE:
        return []
    said = wishes_of(confirmation).get(party.pk)
    return [name for name, value in WISHES.items() if said is None or said.answer != value]


WISHES = {"confirm": WishAnswer.AGREED, "not_confirm": WishAnswer.REFUSED}
ANSWERS = {"agree": A.AGREED, "refuse": A.REFUSED, "withdraw": A.WITHDRAWN}
COUNSELLING = {"accept_counselling": True, "decline_counselling": False}
# What the legal agent says for a party without full capacity.
OF_AGENT = (*ANSWERS, *WISHES, "accept_counselling")


def effective_of(party: Party) -> Agreement | None:
    """Return the agreement in effect that binds the party, the newest; None for a third person whom none binds."""
    found = Agreement.objects.in_effect().filter(dispute_id=party.dispute_id).order_by("-id").first()
    return found if found is not None and party in bound_by(found) else None


def confirmation_of(party: Party) -> JudicialConfirmation | None:
    """Return the confirmation that this party may apply for; None where the agreement does not bind them."""
    agreement = effective_of(party)
    rows = JudicialConfirmation.objects.with_rows().filter(agreement=agreement) if agreement else None
    found = rows.first() if rows is not None else None
    return found if found is not None and party in applicants_of(found) else None


def say(reader: Reader, what: str, **given) -> Model:
    """Write down what a party says (see ``may_say``). Raises Invalid, Conflict (``agent_needed``: the legal agent
    answers), as the services it calls."""
    if what in OF_AGENT and through_agent(reader.party, by_account=reader.user is not None):
        raise Conflict(_("The legal agent (guardian) answers for this party. Please ask the mediator."),
                       code="agent_needed")  # fmt: skip
    if what in ANSWERS:
        return party_answer(reader.party, answer=ANSWERS[what])
    if what in WISHES:
        return _wish(reader, WISHES[what], **given)
    if what in COUNSELLING:
        return counselling_answer(reader.party, user=reader.user, agreed=COUNSELLING[what])
    if what == "reply":
        return reply_give(reader, **given)
    if what == "recuse":
        return recusal_ask(reader.party.dispute, actor=None, party=reader.party, **given)
    raise Invalid(_("Choose one of the values."), field="say", code="invalid_choice")


def _wish(reader: Reader, answer: str, *, shown: str | None = None) -> JudicialConfirmation:
    """Write down whether the party applies for confirmation. ``shown``: the answer that stood on the page, empty for
    none: on two pages of the same party the earlier one does not overwrite unread what the later one was told (Conflict
    ``changed``). None: whatever it was."""
    confirmation = confirmation_of(reader.party)
    if confirmation is None:
        raise Conflict(_("There is nothing to be confirmed by the court."), code="not_yet")
    if confirmation.late:
        last = {"last": f"{confirmation.last_day:%Y-%m-%d}"}
        raise Conflict(_("Too late: the last day was %(last)s (Civil Procedure Law, Article 205).") % last, code="late")
    if confirmation.state not in NOT_APPLIED:
        text = _("The application has been handed in already. If you do not want it any more, tell the mediator or the "
                 "court: until the court decides it can be taken back.")  # fmt: skip
        raise Conflict(text, code="applied")
    own = reader.user is not None
    with atomically():
        Dispute.objects.lock(confirmation.dispute_id)
        _as_shown(confirmation, reader.party, answer, shown)
        return confirmation_consent(
            confirmation, actor=reader.user if own else clock(), party=reader.party, answer=answer,
            how=WishHow.ACCOUNT if own else WishHow.LINK,
        )  # fmt: skip


def _as_shown(confirmation: JudicialConfirmation, party: Party, answer: str, shown: str | None) -> None:
    said = wishes_of(confirmation).get(party.pk)
    stands = said.answer if said else ""
    if shown is not None and stands not in (shown, answer):
        told = {"answer": said.get_answer_display() if said else "—"}
        raise Conflict(_("This was answered on another page in the meantime: “%(answer)s”. If you want it otherwise, "
                         "press once more.") % told, code="changed")  # fmt: skip


def last_reply(party: Party) -> PartyReply | None:
    """Return what the party said last of how the agreement in effect is performed."""
    return PartyReply.objects.filter(party=party, agreement=effective_of(party)).order_by("-id").first()


def may_put_right(reply: PartyReply) -> bool:
    """Whether it was said today, and nobody has acted on it: no visit made or tried, nothing of the obligations
    recorded, the dispute not opened again."""
    return timezone.localdate(reply.at) == timezone.localdate() and not _acted_on(reply)


def _acted_on(reply: PartyReply) -> bool:
    owed, visits = reply.agreement.obligations.values("pk"), reply.agreement.visits.values("pk")
    about = (
        Q(subject_type="mediation.dispute", subject_id=reply.dispute_id)
        | Q(subject_type="mediation.obligation", subject_id__in=owed)
        | Q(subject_type="mediation.followupvisit", subject_id__in=visits)
    )
    told = Event.objects.filter(subject_type="mediation.dispute", subject_id=reply.dispute_id, name=REPLIED)
    said = told.filter(payload__reply=reply.pk).values("pk")[:1]
    return Event.objects.filter(about, name__in=ACTED, pk__gt=Subquery(said)).exists()


def _settled_today(party: Party) -> bool:
    last = last_reply(party)
    return last is not None and timezone.localdate(last.at) == timezone.localdate() and _acted_on(last)


def reply_give(reader: Reader, *, performed: str, satisfaction: int | None = None, relapse: bool = False) -> PartyReply:
    """Write down how an agreement in effect is performed, as the party says. A second reply of the same day puts the
    first right, as long as nobody has acted on that; both stay, the later one counts.

    Raises Conflict (``not_yet``: no agreement in effect; ``today``: acted on already), Invalid naming the field.
    """
    if performed not in ReplyPerformed.values:
        raise Invalid(_("Choose one of the values."), field="performed", code="invalid_choice")
    if satisfaction is not None and not 1 <= satisfaction <= 5:
        raise Invalid(_("Choose 1 to 5."), field="satisfaction", code="out_of_range")
    party = reader.party
    with atomically():
        held = Dispute.objects.lock(party.dispute_id)
        agreement = effective_of(party)
        if agreement is None:
            raise Conflict(_("No agreement is in effect yet."), code="not_yet")
        last = last_reply(party)
        today = last is not None and timezone.localdate(last.at) == timezone.localdate()
        if today and _acted_on(last):
            raise Conflict(_("What you said today has been acted on already. Please tell the mediator."), code="today")
        if today and (last.performed, last.satisfaction, last.relapse) == (performed, satisfaction, relapse):
            return last  # pressed twice
        made = PartyReply.objects.create(
            dispute=held, agreement=agreement, party=party, performed=performed, satisfaction=satisfaction,
            relapse=relapse, corrects=last if today else None,
        )  # fmt: skip
        tell(REPLIED, held, actor=clock(), grant=SYSTEM_GRANT, at=made.at, party=party.pk,
             performed=performed, relapse=relapse, reply=made.pk, corrects=made.corrects_id)  # fmt: skip
    return made
