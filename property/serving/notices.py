"""What notices may say about a parcel."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.notices import Parties, notice_context
from property.models import Parcel

VARIABLES = {
    "carrier": _("carrier"),
    "tracking": _("end of the tracking number"),
    "shelf": _("shelf"),
    "estate": _("estate"),
    "code": _("collection code"),
}


@notice_context(
    "property.parcel",
    variables=VARIABLES,
    rows=lambda: Parcel.objects.with_rows(),
    parties=lambda parcel: Parties({"lead": [parcel.company_id]}, None),
)
def parcel_words(parcel: Parcel, *, public: bool) -> dict:
    """Return a parcel in texts; the code is for the household only."""
    page = reverse("estate_pages:of", args=[parcel.estate.code])
    url = f"{page}#parcels" if public else reverse("admin:property_parcel_change", args=[parcel.pk])
    return {
        "carrier": parcel.carrier,
        "tracking": parcel.tracking,
        "shelf": parcel.shelf,
        "estate": parcel.estate.name,
        "code": parcel.code if public else "",
        "url": url,
    }
