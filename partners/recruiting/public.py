"""What everybody may know of partners: name, kind, what they work as and what is on view; no contact, no papers."""

from django.utils.translation import gettext as _

from governance.models import Area
from partners.models import Partner, PartnerKind

MOST = 300


def partners_shown(area: Area) -> list[dict]:
    """Return the active partners of a community as the public reads them, by kind and name; one statement."""
    rows = Partner.objects.active().filter(area=area).select_related("profession").order_by("kind", "name", "pk")
    return [
        {
            "kind": row.kind, "kind_label": row.get_kind_display(), "name": row.public_name, "about": row.about,
            "profession": row.profession.name if row.profession else "", "active_from": row.active_from,
        }
        for row in rows[:MOST]
    ]  # fmt: skip


def may_offer(kind: str) -> str:
    """Return in words who such a partner is and what it may offer."""
    return {
        PartnerKind.RESOURCE: _(
            "Companies, shops, schools, hospitals and other organisations nearby: rooms, money, goods, services, for "
            "example a bank's talk on money or a gym's free class."
        ),
        PartnerKind.PROFESSIONAL: _(
            "Lawyers, doctors, teachers, counsellors and others with a profession: legal advice, free consultations, "
            "lessons after school. Where the law asks for a licence, it is verified first."
        ),
        PartnerKind.VOLUNTEER: _(
            "Neighbours, retired people, students: hours of help on patrols, in the garden, at events."
        ),
    }[PartnerKind(kind)]
