"""The spreadsheet of owners: entered by the community, so confirmed at once."""

import re
from collections import defaultdict
from fractions import Fraction

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance import events
from governance.exchange.cells import day, phone, text, yes_or_no
from governance.exchange.importers import Column, Planned, RowError, grant_to_import, importer
from governance.models import Dwelling, Ownership
from governance.registry.importers import RegistryImporter
from governance.registry.voting import check_room
from governance.registry.workflow import TieState

NO_SHARE = Fraction(0)


@importer
class OwnershipImporter(RegistryImporter):
    """Owners by dwelling, name and phone. ``share`` is a fraction (1/3), a percentage (50%) or empty for the whole.

    Shares are added up line by line: where co-owners swap shares, write the one that shrinks first.
    """

    key = "registry.ownerships"
    label = gettext_lazy("Owners")
    permission = "governance.add_ownership"
    columns = (
        Column("dwelling", gettext_lazy("dwelling"), required=True, help=gettext_lazy("Code of the dwelling.")),
        Column("owner_name", gettext_lazy("owner's name"), required=True),
        Column("owner_phone", gettext_lazy("owner's phone")),
        Column("share", gettext_lazy("share"), help=gettext_lazy("1/3, 50% ...; the whole when empty.")),
        Column(
            "is_voter",
            gettext_lazy("votes for the dwelling"),
            help=gettext_lazy("Yes for the one who votes for all co-owners."),
        ),
        Column("valid_from", gettext_lazy("from")),
    )

    def prepare(self, actor):
        super().prepare(actor)
        self.dwellings = {row.code: row for row in self.within(Dwelling.objects.filter(is_active=True))}
        rows = Ownership.objects.current().filter(dwelling__in=self.within(Dwelling.objects.all()).order_by())
        self.stored, self.taken, self.voters = {}, defaultdict(Fraction), {}
        for row in rows:
            self.stored[row.dwelling_id, row.owner_name, row.owner_phone] = row
            self.taken[row.dwelling_id] += row.share
            if row.is_voter:
                self.voters[row.dwelling_id] = row.pk

    def read(self, row):
        dwelling = self.dwellings.get(row["dwelling"])
        if dwelling is None:
            raise RowError("dwelling", _("There is no such dwelling in your area."))
        key = (dwelling.pk, text(row, "owner_name", 60), phone(row, "owner_phone"))
        stored = self.stored.get(key)
        share, voter = _share(row), yes_or_no(row, "is_voter")
        taken = self.taken[dwelling.pk] - (stored.share if stored else NO_SHARE)
        if taken + share > 1:
            raise RowError("share", _("The shares of this dwelling would be above the whole."))
        values = {"share_numerator": share.numerator, "share_denominator": share.denominator}
        voter = self._voter(dwelling, stored, voter or (share == 1 and not row["is_voter"]))
        first = day(row, "valid_from")
        if first and first > timezone.localdate():
            raise RowError("valid_from", _("The day lies in the future."))
        self.taken[dwelling.pk] = taken + share
        if stored is None:
            new = {"dwelling": dwelling, "owner_name": key[1], "owner_phone": key[2], "is_voter": voter}
            return Planned(key, "add", values | new | {"valid_from": first or timezone.localdate()}, dwelling.code)
        if voter:
            values["is_voter"] = True
        if first:
            values["valid_from"] = first
        changed = {name: value for name, value in values.items() if not _equal(stored, name, value)}
        action = "change" if changed or stored.share != share else "same"
        return Planned(key, action, values | {"stored": stored}, dwelling.code)

    def _voter(self, dwelling: Dwelling, stored: Ownership | None, wanted: bool) -> bool:
        """Tell whether this line's owner votes; another one who does already is refused."""
        if not wanted:
            return False
        mine = stored.pk if stored else object()
        if self.voters.get(dwelling.pk, mine) != mine:
            raise RowError("is_voter", _("Another owner votes for this dwelling."))
        self.voters[dwelling.pk] = mine
        return True

    def save(self, planned):
        """Store a part of the plan; each owner gets the event that a confirmation by hand would write."""
        grant = grant_to_import(type(self), self.actor)
        for row in planned:
            if row.action == "add":
                row.values["area_id"] = row.values["dwelling"].area_id
        keys = {row.key[0] for row in planned}
        list(Dwelling.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
        added = [Ownership(state=TieState.VERIFIED, **row.values) for row in planned if row.action == "add"]
        changed = [_changed(row) for row in planned if row.action == "change"]
        if changed:
            fields = ["share_numerator", "share_denominator", "is_voter", "valid_from", "version"]
            Ownership.objects.bulk_update(changed, fields)
        Ownership.objects.bulk_create(added)
        _check_sums(keys)
        for name, rows in {"ownership.verified": added, "ownership.corrected": changed}.items():
            for one in rows:
                payload = {"to": TieState.VERIFIED, "share": one.share_text, "imported": True}
                events.record(name, one, actor=self.actor, grant=grant, payload=payload)


def _changed(row: Planned) -> Ownership:
    stored = row.values["stored"]
    for name, value in row.values.items():
        if name != "stored":
            setattr(stored, name, value)
    stored.version += 1
    return stored


def _check_sums(dwellings: set[int]) -> None:
    """Refuse the run when somebody else confirmed an owner since the file was read; under the dwellings' locks."""
    taken = defaultdict(Fraction)
    for row in Ownership.objects.current().filter(dwelling__in=dwellings).order_by("id"):
        check_room(row, taken[row.dwelling_id])
        taken[row.dwelling_id] += row.share


def _equal(stored: Ownership, name: str, value) -> bool:
    if name in ("share_numerator", "share_denominator"):
        return True  # compared as a fraction: 2/4 is 1/2
    return getattr(stored, name) == value


def _share(row: dict) -> Fraction:
    """Return the share of a cell: 1/3, 50%, 0.5, or the whole when empty."""
    said = row["share"].replace(" ", "")
    if not said:
        return Fraction(1)
    if parts := re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", said):
        numerator, denominator = int(parts[1]), int(parts[2])
        share = Fraction(numerator, denominator) if denominator else NO_SHARE
    elif re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?%", said):
        share = Fraction(said[:-1]) / 100
    elif re.fullmatch(r"[01](\.[0-9]{1,6})?", said):
        share = Fraction(said)
    else:
        share = NO_SHARE
    if not 0 < share <= 1:
        raise RowError("share", _("A share such as 1/3 or 50% is needed, above 0 and at most the whole."))
    return share
