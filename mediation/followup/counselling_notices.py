"""What notices say of referrals: the number and a day. Who is told: the counsellor, by a rule of the installation, also
to the phone. Neither who comes, nor the dispute, nor why."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.notices import notice_context
from governance.notices.contexts import Parties
from mediation.models import CounsellingReferral


@notice_context(
    "mediation.counsellingreferral",
    variables={"number": _("number"), "referred": _("referred on")},
    rows=lambda: CounsellingReferral.objects.with_rows(),
    parties=lambda row: Parties(reporter=row.counsellor_id),
)
def referral_words(row: CounsellingReferral, *, public: bool) -> dict:
    """Return a referral in texts: its number and the day. Counsellors read it on their own page."""
    page = "residents_counselling:one" if public else "admin:mediation_counsellingreferral_change"
    return {"number": row.number, "referred": f"{row.referred_on:%Y-%m-%d}" if row.referred_on else "",
            "url": reverse(page, args=[row.pk])}  # fmt: skip
