"""Spreadsheets of earning points: services entered in bulk (each waits for an approval), kinds, rules and rates."""

from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.exchange.cells import decimal, moment, text, whole_number
from governance.exchange.importers import Column, Planned, RowError, importer
from governance.exchange.line_by_line import LineByLine
from governance.exchange.model_importer import model_importer
from governance.exchange.widgets import ByKey
from governance.models import Area
from partners.earning.entry_forms import partners_run_by
from partners.earning.records import record_submit
from partners.models import EarningRule, KindUse, Partner, ServiceKind, ServiceRecord, SettlementRate
from partners.models.service import MOST_QUANTITY, MOST_SERVED


@importer
class ServiceRecordImporter(LineByLine):
    """Services of many partners, reported by whoever brings the file; another person approves them."""

    key = "partners.servicerecords"
    label = gettext_lazy("Records of services")
    permission = "partners.add_servicerecord"
    model = "partners.servicerecord"
    most_lines = 2_000
    columns = (
        Column("partner", gettext_lazy("partner"), required=True, help=gettext_lazy("the name of an active partner")),
        Column("kind", gettext_lazy("kind of service"), required=True, help=gettext_lazy("its code or name")),
        Column("performed_at", gettext_lazy("began at"), required=True, help="2026-01-31 14:30"),
        Column("hours", gettext_lazy("hours"), help="1.5"),
        Column("quantity", gettext_lazy("how many"), help="1"),
        Column("served", gettext_lazy("people served"), help=gettext_lazy("a number, no names")),
        Column("place", gettext_lazy("place")),
        Column("note", gettext_lazy("service in words")),
    )

    def prepare(self, actor):
        self.actor = actor
        self.partners: dict[str, list[Partner]] = {}
        for one in partners_run_by(actor):
            self.partners.setdefault(one.name, []).append(one)
        kinds = ServiceKind.objects.filter(is_active=True, use=KindUse.SERVICE)
        self.kinds = {name: kind for kind in kinds for name in (kind.code, kind.name)}
        rows = ServiceRecord.objects.visible_to(actor).exclude(state__in=["declined", "reversed"])
        self.seen = set(rows.values_list("partner_id", "kind_id", "performed_at"))

    def read(self, row):
        partner, kind, at = self._partner(row), self._kind(row), moment(row, "performed_at")
        key = (partner.pk, kind.pk, at)
        title = f"{partner.name} {kind} {at:%Y-%m-%d %H:%M}"
        if key in self.seen:
            return Planned(key, "same", title=title)
        self.carried_out(
            record_submit, partner=partner, kind=kind, performed_at=at, hours=decimal(row, "hours"),
            quantity=whole_number(row, "quantity", 1, MOST_QUANTITY) or 1,
            served=whole_number(row, "served", 0, MOST_SERVED) or 0, place=text(row, "place", 120),
            note=text(row, "note", 500),
        )  # fmt: skip
        return Planned(key, "add", title=title)

    def _partner(self, row) -> Partner:
        found = self.partners.get(row["partner"], [])
        if not found:
            raise RowError("partner", _("There is no active partner “%(name)s” here.") % {"name": row["partner"]})
        if len(found) > 1:
            raise RowError("partner", _("Several partners are called “%(name)s”.") % {"name": row["partner"]})
        return found[0]

    def _kind(self, row) -> ServiceKind:
        found = self.kinds.get(row["kind"])
        if found is None:
            raise RowError("kind", _("There is no “%(code)s”.") % {"code": row["kind"]})
        return found


KIND, AREA = partial(ByKey, ServiceKind), partial(ByKey, Area)

importer(
    model_importer(
        ServiceKind, by=("code",), fields=("code", "name", "use", "counts_hours", "is_active"), fixed=("use",)
    )  # fmt: skip
)
importer(
    model_importer(
        EarningRule,
        by=("kind", "area", "valid_from"),
        fields=("kind", "area", "valid_from", "valid_to", "points", "per", "day_cap", "month_cap", "approve_above",
                "months", "source"),
        foreign={"kind": KIND, "area": AREA},
    )
)  # fmt: skip
importer(
    model_importer(
        SettlementRate, by=("area", "valid_from"), fields=("area", "valid_from", "yuan"), foreign={"area": AREA}
    )  # fmt: skip
)
