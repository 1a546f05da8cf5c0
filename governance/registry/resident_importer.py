"""The spreadsheet of residents: entered by the community, so confirmed at once."""

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.exchange.cells import choice, day, text
from governance.exchange.importers import Column, Planned, RowError, importer
from governance.exchange.line_by_line import LineByLine
from governance.models import Dwelling, Residency, ResidencyKind, User
from governance.models.residency import OPEN
from governance.registry.importers import RegistryImporter
from governance.registry.services import residency_enter, residency_verify
from governance.registry.workflow import TieState


@importer
class ResidencyImporter(LineByLine, RegistryImporter):
    """Who lives where, by dwelling and account. A claim that waits is confirmed; moving out is said one by one.

    Each line goes through the services that staff's own entries go through, while it is read.
    """

    key = "registry.residencies"
    label = gettext_lazy("Residents")
    permission = "governance.add_residency"
    most_lines = 2_000
    columns = (
        Column("dwelling", gettext_lazy("dwelling"), required=True, help=gettext_lazy("Code of the dwelling.")),
        Column("person", gettext_lazy("person"), required=True,
               help=gettext_lazy("Phone or user name of the resident's account.")),
        Column("kind", gettext_lazy("lives there as"), required=True,
               help=gettext_lazy("Owner, tenant or family member.")),
        Column("valid_from", gettext_lazy("from"), help=gettext_lazy("Today when left empty.")),
        Column("reason", gettext_lazy("how it is known"), required=True,
               help=gettext_lazy("Number of the title deed or lease, visit, register ...")),
    )  # fmt: skip

    def prepare(self, actor):
        super().prepare(actor)
        rows = self.within(Dwelling.objects.filter(is_active=True))
        self.dwellings = dict(rows.order_by().values_list("code", "pk"))

    def read(self, row):
        dwelling = self._dwelling(row)
        person = self._person(row)
        kind, first = choice(row, "kind", ResidencyKind), day(row, "valid_from")
        reason = text(row, "reason", 2000)
        key, title = (dwelling.pk, person.pk), f"{dwelling.code} {person}"
        stored = Residency.objects.filter(dwelling=dwelling, user=person, state__in=OPEN).first()
        if stored is None:
            self.carried_out(residency_enter, dwelling=dwelling, user=person, kind=kind, valid_from=first,
                              reason=reason)  # fmt: skip
            return Planned(key, "add", title=title)
        if stored.kind != kind:
            told = _("The person is entered or has claimed to live there as: %(kind)s. End or refuse that first.")
            raise RowError("kind", told % {"kind": stored.get_kind_display()})
        if stored.state == TieState.VERIFIED:
            return Planned(key, "same", title=title)
        self.carried_out(residency_verify, stored, reason=reason)
        return Planned(key, "change", title=title)

    def _dwelling(self, row) -> Dwelling:
        pk = self.dwellings.get(row["dwelling"])
        if pk is None:
            raise RowError("dwelling", _("There is no such dwelling in your area."))
        return Dwelling.objects.select_related("area", "building__estate", "entrance").get(pk=pk)

    def _person(self, row) -> User:
        word = text(row, "person", 150)
        found = User.objects.filter(Q(phone=word) | Q(username=word), is_system=False, is_active=True).first()
        if found is None:
            raise RowError("person", _("Nobody has an account with this phone or name."))
        return found
