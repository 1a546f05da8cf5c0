"""What notices may say about credit files, and who is told: the partner of every decision about its file.

The notice of a fact that lowers (``credit_note_told``) is written by ``partners.credit.notes`` itself: it is what makes
the fact count. Rules for staff are reference data (``fixtures/0009_credit_notices.json``).
"""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.events import label_of, on
from governance.notices import Parties, notice_context, notify_if_kept
from governance.notices.telling import moment
from partners.credit.workflow import CandidateState
from partners.models import CreditAppeal, CreditCandidate, CreditList, CreditNote, CreditProfile, Partner
from partners.recruiting.notices import people_of

NAMED = {"partner": _("partner"), "area": _("community"), "state": _("state")}


def _parties(row) -> Parties:
    partner: Partner = row.partner
    return Parties({"lead": [partner.unit_id] if partner.unit_id else []}, partner.person_id or partner.applicant_id)


def _page(row, public: bool, name: str) -> str:
    if public:
        return reverse("residents_credit:file", args=[row.partner_id])
    return reverse(f"admin:partners_{name}_change", args=[row.pk])


@notice_context(
    "partners.creditnote",
    variables=NAMED | {"line": _("credit item"), "day": _("on"), "what": _("what happened")},
    rows=lambda: CreditNote.objects.with_rows(),
    parties=_parties,
)
def note_words(note: CreditNote, *, public: bool) -> dict:
    """Return a fact in texts."""
    return {
        "partner": note.partner.name, "area": note.area.name, "state": note.get_state_display(),
        "line": note.get_line_display(), "day": f"{note.happened_on:%Y-%m-%d}", "what": note.what,
        "url": _page(note, public, "creditnote"),
    }  # fmt: skip


@notice_context(
    "partners.creditprofile",
    variables=NAMED | {"year": _("year"), "score": _("score"), "level": _("credit level")},
    rows=lambda: CreditProfile.objects.with_rows(),
    parties=_parties,
)
def profile_words(profile: CreditProfile, *, public: bool) -> dict:
    """Return a file in texts."""
    return {
        "partner": profile.partner.name, "area": profile.area.name, "state": profile.level_name,
        "year": f"{profile.year}", "score": f"{profile.score}", "level": profile.level_name,
        "url": _page(profile, public, "creditprofile"),
    }  # fmt: skip


@notice_context(
    "partners.creditappeal",
    variables=NAMED | {"line": _("credit item"), "due": _("to be decided by")},
    rows=lambda: CreditAppeal.objects.with_rows(),
    parties=_parties,
)
def appeal_words(appeal: CreditAppeal, *, public: bool) -> dict:
    """Return an appeal in texts."""
    return {
        "partner": appeal.partner.name, "area": appeal.area.name, "state": appeal.get_state_display(),
        "line": appeal.get_line_display(), "due": moment(appeal.due_at), "url": _page(appeal, public, "creditappeal"),
    }  # fmt: skip


def _tell(partner: Partner, key: str, subject, event) -> None:
    people = people_of(partner).exclude(pk=event.actor_id)
    notify_if_kept(people, key, subject=subject, context={"event": label_of(event.name)})


@on("credit_note.annulled")
def told_of_annulled(event, note: CreditNote) -> None:
    """Tell the partner that a fact it was told of does not count any more."""
    if note.told_at is not None:
        _tell(note.partner, "credit_note_annulled", note, event)


@on("credit_profile.ready")
def told_of_file(event, profile: CreditProfile) -> None:
    """Tell the partner that the file of the year is ready."""
    _tell(profile.partner, "credit_profile_ready", profile, event)


@on("credit_appeal.upheld", "credit_appeal.declined")
def told_of_appeal(event, appeal: CreditAppeal) -> None:
    """Tell the partner what was decided."""
    _tell(appeal.partner, "credit_appeal_decided", appeal, event)


@on("credit_list.published")
def told_of_choice(event, row: CreditList) -> None:
    """Tell those chosen, of their file in the year of the list."""
    chosen = CreditCandidate.objects.filter(of_list=row, state=CandidateState.CHOSEN).with_rows()
    for one in chosen.order_by("pk"):
        profile = CreditProfile.objects.filter(partner=one.partner, year=row.year).with_rows().first()
        if profile is not None:
            _tell(one.partner, f"credit_chosen_{row.purpose}", profile, event)
