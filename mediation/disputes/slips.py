"""A slip of writing (笔误更正) in the name of a party who has signed, or is bound: the same person, spelt rightly.

Nobody is put in the place of who signed (人民调解法 29: an agreement binds who signed it): only the spelling changes,
and only a little; identity number, account, answers and signatures stay. The former spelling is kept on the record and
told by papers made afterwards, which meet the signed one in the file.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.errors import REASON_NEEDED, Conflict, Invalid
from governance.models import Role, User
from governance.scoping import grant_for
from governance.transactions import atomically
from mediation.disputes.acting import grant_or_refuse, tell, words_check
from mediation.disputes.parties import held_to, party_amendable
from mediation.disputes.querysets import HANDLES, MINE
from mediation.disputes.states import OPEN
from mediation.models import Agreement, AgreementState, Dispute, FormerName, JudicialConfirmation, Party

# Who mediates it; of a centre whoever carries the dispute on.
CORRECTS_SLIPS = HANDLES | {role: HANDLES[role] & MINE for role in (Role.VILLAGE_MEDIATOR, Role.GRID_WORKER)}
LEAD = gettext_lazy(
    "Only a slip of writing in the name of who has signed: the same person. Nobody else takes the place of who signed. "
    "The former spelling and the reason are kept, and papers made from now on tell both."
)
LONGEST_NAME, LONGEST_REASON = 80, 500


def party_slip_correct(party: Party, *, actor: User, name: str, reason: str) -> Party:
    """Put right how the name of a party is written who has signed or is bound (once the dispute has ended of any),
    until a court has the agreement.

    Raises NotPermitted (the mediator of the dispute, or of a centre who carries it on), Conflict (``ended``: archived,
    declined, referred; ``at_court``; ``free``: nothing is signed, they are corrected as any party), Invalid naming
    ``name`` (``same``; ``another``: by more than a slip, also from what stood there first) or ``reason``.
    """
    words_check(name=name, longest=LONGEST_NAME)
    words_check(reason=reason, longest=LONGEST_REASON)
    with atomically():
        held = Dispute.objects.lock(party.dispute_id)
        grant = grant_or_refuse(CORRECTS_SLIPS, held, actor)
        fresh, written = Party.objects.select_for_update().get(pk=party.pk), name.strip()
        _check(held, fresh, written)
        if not reason.strip():
            raise Invalid(REASON_NEEDED, field="reason", code="required")
        former = FormerName.objects.create(dispute=held, party=fresh, name=fresh.name, corrected_by=actor)
        fresh.name = written
        fresh.save(update_fields=["name"])
        tell("dispute.party_name_corrected", held, actor=actor, grant=grant, text=reason.strip(), party=fresh.pk,
             former=former.pk)  # fmt: skip
    return fresh


def slips_possible(dispute: Dispute) -> bool:
    """Whether slips in names may be put right now, as far as the dispute goes: the file is kept, no court has it."""
    return party_amendable(dispute) and not JudicialConfirmation.objects.filter(dispute=dispute).with_court().exists()


def slips_offered(dispute: Dispute, user: User) -> bool:
    """Whether the page offers it to the person: there is an agreement, or the dispute has ended."""
    if grant_for(CORRECTS_SLIPS, dispute, user) is None or not slips_possible(dispute):
        return False
    agreements = Agreement.objects.filter(dispute=dispute).exclude(state=AgreementState.DISCARDED)
    return dispute.state not in OPEN or agreements.exists()


def _check(dispute: Dispute, party: Party, written: str) -> None:
    if not party_amendable(dispute):
        told = {"state": dispute.get_state_display()}
        raise Conflict(_("The dispute has ended: it is “%(state)s”.") % told, code="ended")
    if not slips_possible(dispute):
        raise Conflict(_("The agreement was brought before the court with this name."), code="at_court")
    if dispute.state in OPEN and not any(held_to(party)):
        raise Conflict(_("This party has signed nothing: correct them as any party."), code="free")
    if written == party.name:
        raise Invalid(_("This name stands there already."), field="name", code="same")
    # Each of what stood there: two small steps together would lead to somebody else.
    if not written or not all(is_slip(before, written) for before in [party.name, *party.former]):
        raise Invalid(
            _("That is another name, not a slip: at most one character more or fewer, and at least half of them as "
              "before. Nobody is put in the place of who signed: who else takes part is added as another party."),
            field="name", code="another",
        )  # fmt: skip


def is_slip(before: str, written: str) -> bool:
    """Whether ``written`` may be ``before`` spelt rightly: one character more or fewer at most, and in their order at
    least half of the characters of the longer the same [J]."""
    return abs(len(before) - len(written)) <= 1 and 2 * _same(before, written) >= max(len(before), len(written))


def _same(one: str, other: str) -> int:
    """Return how many characters both have in the same order (their longest common subsequence)."""
    row = [0] * (len(other) + 1)
    for mine in one:
        last = row[:]
        for at, its in enumerate(other, start=1):
            row[at] = last[at - 1] + 1 if mine == its else max(last[at], row[at - 1])
    return row[-1]
