"""Spreadsheets of partners: the lists of the installation, and offers of active partners, each line making one."""

from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.exchange.cells import choice, day, text, whole_number
from governance.exchange.importers import Column, Planned, RowError, importer
from governance.exchange.line_by_line import LineByLine
from governance.exchange.model_importer import Listed, model_importer
from governance.exchange.widgets import ByKey
from governance.models import Area
from partners.models import (
    AgreementTerms,
    Offer,
    OfferAccess,
    OfferKind,
    Partner,
    Profession,
    QualificationKind,
    Recruitment,
)
from partners.recruiting.offering import Plan, offer_make

importer(model_importer(QualificationKind, by=("code",), fields=("code", "name", "remind_days", "is_active")))
importer(
    model_importer(
        Profession, by=("code",), fields=("code", "name", "licence", "is_active"),
        foreign={"licence": partial(ByKey, QualificationKind)},
    )
)  # fmt: skip
importer(model_importer(AgreementTerms, by=("code",), fields=("code", "title", "text", "valid_from", "is_active")))
importer(
    model_importer(
        Recruitment, by=("area",), fields=("area", "is_open", "intro", "terms"),
        foreign={"area": partial(ByKey, Area), "terms": partial(ByKey, AgreementTerms)},
    )
)  # fmt: skip


@importer
class OfferImporter(LineByLine):
    """What partners offer, as their community writes it down: on view at once."""

    key = "partners.offers"
    label = gettext_lazy("Offers of partners")
    permission = "partners.add_offer"
    model = "partners.offer"
    most_lines = 1_000
    columns = (
        Column("partner", gettext_lazy("partner"), required=True, help=gettext_lazy("Number or name of the partner.")),
        Column("kind", gettext_lazy("kind"), required=True, help=Listed(OfferKind.choices)),
        Column("title", gettext_lazy("title"), required=True),
        Column("about", gettext_lazy("more about it")),
        Column("extent", gettext_lazy("how much")),
        Column("access", gettext_lazy("who may use it"), help=Listed(OfferAccess.choices)),
        Column("target_group", gettext_lazy("for whom")),
        Column("place", gettext_lazy("where")),
        Column("capacity", gettext_lazy("places of a date")),
        Column("valid_from", gettext_lazy("from"), help="2026-12-01"),
        Column("valid_to", gettext_lazy("to"), help="2027-11-30"),
    )

    def prepare(self, actor):
        self.actor = actor
        rows = Partner.objects.visible_to(actor).active().with_rows()
        self.partners: dict[str, list[Partner]] = {}
        for row in rows:
            for name in {str(row.pk), row.name}:
                self.partners.setdefault(name, []).append(row)
        held = Offer.objects.visible_to(actor).filter(state__in=["proposed", "open"])
        self.seen = set(held.values_list("partner_id", "title"))

    def read(self, row):
        partner = self._partner(row["partner"])
        plan = Plan(
            kind=choice(row, "kind", OfferKind), title=text(row, "title", 80), about=text(row, "about", 1000),
            extent=text(row, "extent", 80), access=choice(row, "access", OfferAccess, OfferAccess.OPEN),
            target_group=text(row, "target_group", 80), place=text(row, "place", 120),
            capacity=whole_number(row, "capacity", 0, 10_000) or 0, valid_from=day(row, "valid_from"),
            valid_to=day(row, "valid_to"),
        )  # fmt: skip
        key = (partner.pk, plan.title)
        if key in self.seen:
            return Planned(key, "same", title=plan.title)
        self.carried_out(offer_make, partner=partner, plan=plan)
        return Planned(key, "add", title=f"{partner} · {plan.title}")

    def _partner(self, name: str) -> Partner:
        found = self.partners.get(name, [])
        if not found:
            raise RowError("partner", _("There is no “%(code)s”.") % {"code": name})
        if len(found) > 1:
            raise RowError("partner", _("Several partners are called “%(name)s”.") % {"name": name})
        return found[0]
