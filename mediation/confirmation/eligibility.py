"""Whether an agreement may be brought before the court for confirmation, and why not: each reason names its article.

A person decides what a sign of the dispute's type only hints at (民诉解释 355: identity relations, title to property).
"""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.models import Event
from governance.work_calendars import statutory_calendar_of
from mediation.agreements.signing import signers_of
from mediation.confirmation.days import APPLY_DAYS, LastDay, day_of_term, last_day
from mediation.disputes.capacity import legal_paper_of
from mediation.models import (
    Agreement,
    AgreementForm,
    ConfirmationConsent,
    ConfirmationState,
    JudicialConfirmation,
    ObligationState,
    Party,
    WishAnswer,
)


@dataclass(frozen=True)
class Reason:
    """Why an agreement may not be confirmed (``blocks``), or what to mind. ``article``: where it stands."""

    code: str
    text: str
    article: str
    blocks: bool = True


def last_day_of(agreement: Agreement) -> LastDay:
    """Return the last day to apply for an agreement in effect: the statute's days, by the statutory calendar."""
    return last_day_from(agreement, agreement.effective_on)


def last_day_from(agreement: Agreement, begins: date) -> LastDay:
    """Return the last day to apply for it, had it taken effect on ``begins``."""
    return last_day(begins, APPLY_DAYS, statutory_calendar_of(agreement.dispute.area))


def applicants_of(confirmation: JudicialConfirmation) -> list[Party]:
    """Return who must apply together."""
    return bound_by(confirmation.agreement)


def bound_by(agreement: Agreement) -> list[Party]:
    """Return whom an agreement binds: who signed it, or whom an oral one binds."""
    signed = Party.objects.filter(dispute_id=agreement.dispute_id, signatures__agreement_id=agreement.pk)
    return list(signed.distinct().order_by("pk")) or signers_of(agreement)


def wishes_of(confirmation: JudicialConfirmation, *, until: date | None = None) -> dict[int, ConfirmationConsent]:
    """Return the last word of each party (by id) about a joint application, said until a day (None: until now),
    whenever it was recorded.

    Once an application was withdrawn, what was said for it counts for no other one.
    """
    rows = ConfirmationConsent.objects.filter(confirmation=confirmation)
    if until is not None:
        rows = rows.filter(said_on__lte=until)
    if confirmation.state != ConfirmationState.WITHDRAWN and (withdrawn := withdrawal_of(confirmation)):
        rows = rows.filter(at__gt=withdrawn.occurred_at)
    rows = rows.order_by("party_id", "-said_on", "-id").select_related("party", "authorisation")
    return {row.party_id: row for row in rows.distinct("party_id")}


def wished_for(confirmation: JudicialConfirmation) -> bool:
    """Whether the last word of some party is that they ask for confirmation."""
    return any(row.answer == WishAnswer.AGREED for row in wishes_of(confirmation).values())


def asked_from(confirmation: JudicialConfirmation) -> date:
    """Return the first day on which a party may have said something that counts: that of the effect, or of the last
    withdrawal."""
    withdrawn = withdrawal_of(confirmation)
    if withdrawn is None:
        return confirmation.agreement.effective_on
    told = withdrawn.payload.get("on")  # not told by older releases
    return date.fromisoformat(told) if told else timezone.localdate(withdrawn.occurred_at)


def withdrawal_of(confirmation: JudicialConfirmation) -> Event | None:
    """Return what tells that the last application was withdrawn, None where none was. What the clerk took back as a
    mistake was none."""
    rows = Event.objects.filter(subject_type=confirmation._meta.label_lower, subject_id=confirmation.pk)
    rows = rows.filter(name__in=["confirmation.withdrawn", "confirmation.court_corrected"]).order_by("-id")
    mistakes = set()
    for event in rows:
        if event.name == "confirmation.court_corrected":
            mistakes.add(event.payload.get("withdrawal"))
        elif event.pk not in mistakes:
            return event
    return None


def undecided_of(confirmation: JudicialConfirmation, *, until: date | None = None) -> list[Party]:
    """Return the parties of whom no consent to apply is recorded, until a day (None: until now)."""
    wishes = wishes_of(confirmation, until=until)
    agreed = {pk for pk, row in wishes.items() if row.answer == WishAnswer.AGREED}
    return [party for party in applicants_of(confirmation) if party.pk not in agreed]


def reasons_of(confirmation: JudicialConfirmation, *, on: date | None = None) -> list[Reason]:
    """Return what stands against applying on a day (default today) and what to mind; those that block first."""
    day = on or timezone.localdate()
    found = [*_late(confirmation, day), *_one_sided(confirmation, on), *_excluded(confirmation),
             *_no_agent(confirmation), *_to_mind(confirmation)]  # fmt: skip
    return sorted(found, key=lambda reason: not reason.blocks)


def _late(confirmation: JudicialConfirmation, day: date):
    agreement = confirmation.agreement
    article = _("Civil Procedure Law, Article 205; People's Mediation Law, Article 33")
    last = last_day_of(agreement)
    if day > last.day:
        told = {
            "last": f"{last.day:%Y-%m-%d}", "from": f"{agreement.effective_on:%Y-%m-%d}",
            "day": day_of_term(agreement.effective_on, day),
        }  # fmt: skip
        yield Reason(
            "late", _("Too late: the last day was %(last)s (in effect from %(from)s; this is day %(day)s). "
            "The parties may still sue on the agreement.") % told, article,
        )  # fmt: skip
    elif not last.certain:
        yield Reason(
            "holidays_unknown", _("The public holidays at the end of the term are not all known yet: apply early."),
            _("Civil Procedure Law, Article 85"), blocks=False,
        )  # fmt: skip


def _one_sided(confirmation: JudicialConfirmation, day: date | None):
    missing = undecided_of(confirmation, until=day)
    if missing:
        names = _(", ").join(party.label for party in missing)
        yield Reason(
            "one_sided", _("Both parties apply together: no recorded consent of %(names)s.") % {"names": names},
            _("Civil Procedure Law, Article 205; People's Mediation Law, Article 33"),
        )  # fmt: skip


def _excluded(confirmation: JudicialConfirmation):
    kind = confirmation.dispute.type
    asked = [
        ("identity", confirmation.concerns_identity, kind.identity_relation,
         _("It is about marriage, parentage or adoption itself."),
         _("Decide first whether it is about marriage, parentage or adoption itself.")),
        ("title", confirmation.concerns_title, kind.title_to_property,
         _("It decides who owns property."), _("Decide first whether it decides who owns property.")),
    ]  # fmt: skip
    article = _("Interpretation of the Civil Procedure Law (2022), Article 355")
    for code, decided, sign, text, question in asked:
        if decided:
            yield Reason(code, text, article)
        elif decided is None and sign:
            yield Reason(f"{code}_undecided", question, article)


def _no_agent(confirmation: JudicialConfirmation):
    if any(party.without_capacity and legal_paper_of(party) is None for party in applicants_of(confirmation)):
        yield Reason(
            "no_agent", _("A party without full capacity needs a legal agent."),
            _("Civil Procedure Law, Article 60"),
        )  # fmt: skip


def _to_mind(confirmation: JudicialConfirmation):
    rows = list(confirmation.agreement.obligations.all())
    if not rows:
        yield Reason(
            "unclear", _("No obligation with a day is recorded: a court rejects what is unclear."),
            _("Interpretation of the Civil Procedure Law (2022), Article 358"), blocks=False,
        )  # fmt: skip
    elif all(row.state == ObligationState.PERFORMED for row in rows):
        yield Reason(
            "performed", _("All is performed: there would be nothing to enforce."),
            _("Civil Procedure Law, Article 206"), blocks=False,
        )  # fmt: skip
    if confirmation.agreement.form == AgreementForm.ORAL:
        yield Reason(
            "oral", _("An oral agreement: the court wants to see what was agreed, signed by the parties."),
            _("Interpretation of the Civil Procedure Law (2022), Article 354"), blocks=False,
        )  # fmt: skip
