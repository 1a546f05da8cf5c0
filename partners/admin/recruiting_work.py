"""Partners on the first page: applications to decide, documents to verify, offers to read."""

from urllib.parse import urlencode

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.scoping import roles_of, visible_q
from partners.models import Offer, Partner, PartnerAgreement, Qualification
from partners.recruiting.looks import AGREEMENT_TONES, OFFER_TONES, PARTNER_TONES, QUALIFICATION_TONES
from partners.recruiting.querysets import RUNNING_ROLES, RUNS


def _row(obj: models.Model, title: str, text: str, tones: dict, at=None) -> WorkRow:
    page = reverse(f"admin:partners_{obj._meta.model_name}_change", args=[obj.pk])
    return WorkRow(
        url=page, title=title, text=text, place=obj.area.name, badge=obj.get_state_display(), tone=tones[obj.state],
        note=f"{at:%m-%d}" if at else "", warning="",
    )  # fmt: skip


def _partner(row: Partner) -> WorkRow:
    return _row(row, row.name, row.get_kind_display(), PARTNER_TONES, row.applied_at)


def _paper(row: Qualification) -> WorkRow:
    return _row(row, row.partner.name, row.kind.name, QUALIFICATION_TONES, row.submitted_at)


def _agreement(row: PartnerAgreement) -> WorkRow:
    return _row(row, row.partner.name, row.terms.title, AGREEMENT_TONES, row.partner_signed_at)


def _offer(row: Offer) -> WorkRow:
    return _row(row, row.title, row.partner.name, OFFER_TONES, row.made_at)


@provides_work
def partners_work(user) -> list[WorkList]:
    """What waits for the community's answer."""
    if not roles_of(user) & set(RUNNING_ROLES):
        return []
    mine, lists = visible_q(RUNS, user), []
    for order, (key, title, model, asked, show) in enumerate(_waiting(), start=18):
        rows = model.objects.filter(mine, **asked).with_rows().order_by("pk")
        address = reverse(f"admin:partners_{model._meta.model_name}_changelist")
        query = {name: value for name, value in asked.items() if name == "state"}
        url = f"{address}?{urlencode({'state__exact': query['state']})}" if query else address
        lists.append(work_list(f"partners-{key}", title, rows, show, url, order=order))
    return lists


def _waiting() -> list[tuple]:
    signed = {"state": "open", "partner_signed_at__isnull": False}
    return [
        ("applications", _("Applications of partners"), Partner, {"state__in": ["applied", "approved"]}, _partner),
        ("papers", _("Qualifications to verify"), Qualification, {"state": "submitted"}, _paper),
        ("agreements", _("Agreements to sign"), PartnerAgreement, signed, _agreement),
        ("offers", _("Offers of partners to read"), Offer, {"state": "proposed"}, _offer),
    ]
