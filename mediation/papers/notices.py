"""What notices say of what parties say, and to parties with an account: numbers, days, the place of a sitting."""

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from governance.events import on
from governance.notices import notice_context, notify_if_kept
from governance.notices.telling import moment
from mediation.confirmation.eligibility import applicants_of
from mediation.disputes.mediators import mediators_of
from mediation.models import Dispute, JudicialConfirmation, Party, PartyReply, ReplyPerformed, Sitting

SITTINGS = {
    "sitting.planned": "party_sitting_planned",
    "sitting.moved": "party_sitting_moved",
    "sitting.amended": "party_sitting_planned",  # where and how it is now
    "sitting.cancelled": "party_sitting_cancelled",
}


@notice_context(
    "mediation.partyreply",
    variables={"dispute": _("dispute"), "performed": _("performance as the party says")},
    rows=lambda: PartyReply.objects.select_related("dispute__area").defer("dispute__area__boundary"),
)
def reply_words(row: PartyReply, *, public: bool) -> dict:
    """Return a reply in texts, and whether it broke out again; not who gave it."""
    said = [row.get_performed_display(), *([gettext("It broke out again")] if row.relapse else [])]
    return {
        "dispute": row.dispute.number, "performed": gettext(", ").join(said),
        "url": reverse("admin:mediation_dispute_change", args=[row.dispute_id]) + "#replies",
    }  # fmt: skip


@on("dispute.party_replied")
def mediators_told(event, dispute: Dispute) -> None:
    """A party says that nothing was done, or that it broke out again: nobody waits for the next visit. Nor
    where they put it right."""
    row = PartyReply.objects.select_related("dispute__area", "corrects").get(pk=event.payload["reply"])
    if any(said.relapse or said.performed == ReplyPerformed.NO for said in (row, row.corrects) if said is not None):
        notify_if_kept(mediators_of(dispute), "party_replied", subject=row)


@notice_context(
    "mediation.party",
    variables={
        "dispute": _("dispute"), "starts": _("begins"), "place": _("place"), "last_day": _("last day to apply"),
    },
    rows=lambda: Party.objects.select_related("dispute__area").defer("dispute__area__boundary"),
)  # fmt: skip
def party_words(row: Party, *, public: bool) -> dict:
    """Return the own dispute in texts to the party; when and where they sit, and until when they may apply for
    confirmation, is given with the notice."""
    return {"dispute": row.dispute.number, "url": reverse("residents_disputes:one", args=[row.pk])}


@on(*SITTINGS)
def parties_told(event, sitting: Sitting) -> None:
    """Parties with an account are told when and where they sit together, as long as it is to come. Those who sit apart
    are told by the mediator: one side does not learn when the other comes."""
    if not sitting.together or sitting.starts_at <= event.occurred_at:
        return
    told = {"starts": moment(sitting.starts_at), "place": sitting.place_text}
    for party in Party.objects.filter(dispute=sitting.dispute_id, user__isnull=False).select_related("user", "dispute"):
        notify_if_kept([party.user], SITTINGS[event.name], subject=party, context=told)


@on("confirmation.reminded")
def parties_reminded(event, row: JudicialConfirmation) -> None:
    """Parties with an account whom the agreement binds are told of the term on the same days as the mediator."""
    told = {"last_day": f"{row.last_day:%Y-%m-%d}"}
    for party in applicants_of(row):
        if party.user_id is not None:
            notify_if_kept([party.user], "party_confirmation_reminder", subject=party, context=told)
