"""Pages of rows as JSON: ordered by their key they go on from the last row, so that nothing slows with their number."""

import re
from urllib.parse import quote

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from devices.models import Datastream
from devices.models.datastream import PROPERTIES
from devices.sensorthings.entities import Entity, micros, time_of
from devices.sensorthings.filters import ordering_of, query_of
from devices.sensorthings.options import USUAL, Options, refusal

OBSERVATIONS = "Observations"


class Listing:
    """The rows of a collection that a request asks for, and where they go on.

    ``stream``: they are observations of one datastream, so that they have the order of their times.
    """

    def __init__(self, entity: Entity, rows: QuerySet, options: Options, *, stream: bool = False):
        self.entity, self.options = entity, options
        asked, one = query_of(entity, options.filter)
        self.rows = rows.filter(asked)
        self.stream = stream or (entity.name == OBSERVATIONS and one is not None)
        self.order = ordering_of(entity, options.order)
        self.top = USUAL if options.top is None else options.top
        if entity.name == OBSERVATIONS and self.order and not self.stream:
            raise refusal("$orderby", _("Observations are ordered within a datastream: ask Datastreams(id)/Observations"
                                        " or filter by Datastream/id."))  # fmt: skip

    @property
    def keyed(self) -> bool:
        """Whether the order is that of the key, by which a page can go on from its last row."""
        return not self.order or (self.stream and self.order in (["at"], ["-at"]))

    def ordered(self) -> QuerySet:
        """Return the rows in their order, from where the request begins."""
        rows = self.rows.order_by(*self._ordering())
        return self._after(rows) if self.options.token else rows

    def page(self) -> tuple[list, str]:
        """Return the rows of the page, and the options of the next one ("" without one)."""
        start = self.options.skip
        found = list(self.ordered()[start : start + self.top + 1])
        rows = found[: self.top]
        if len(found) <= self.top or not rows:
            return rows, ""
        if self.keyed:
            return rows, f"$skiptoken={quote(self._token(rows[-1]))}"
        return rows, f"$skip={start + self.top}"

    def count(self) -> int:
        """Return how many rows there are in all."""
        return self.rows.order_by().count()

    def _ordering(self) -> tuple[str, ...]:
        if self.stream:
            return tuple(self.order or ["-at"])
        return (*self.order, *self.entity.key) if self.order else self.entity.key

    def _token(self, row) -> str:
        if self.entity.name == OBSERVATIONS:
            moment = str(micros(row.at))
            return moment if self.stream else f"{row.device_id}-{row.metric}-{moment}"
        return str(row.pk)

    def _after(self, rows: QuerySet) -> QuerySet:
        token = self.options.token
        if not self.keyed:
            raise refusal("$skiptoken", _("It does not belong to this order."))
        match = re.fullmatch(r"(?:(\d{1,18})-(\w{1,40})-)?(\d{1,18})", token)
        if match is None or bool(match[1]) != (self.entity.name == OBSERVATIONS and not self.stream):
            raise refusal("$skiptoken", _("It cannot be read."))
        last = int(match[3])
        if self.stream:
            return rows.filter(**{"at__gt" if self.order == ["at"] else "at__lt": self._moment(last)})
        if self.entity.name == OBSERVATIONS:
            # The first term lets the index begin at the device.
            return rows.filter(device_id__gte=int(match[1]), pk__gt=(int(match[1]), match[2], self._moment(last)))
        if self.entity.name == "Datastreams":
            device, number = divmod(last, PROPERTIES)
            return rows.filter(
                Q(device_id__gt=device) | Q(device_id=device, observed_property_id__gt=number), device_id__gte=device
            )
        return rows.filter(pk__gt=last)

    def _moment(self, number: int):
        try:
            return time_of(number)
        except OverflowError as error:
            raise refusal("$skiptoken", _("It cannot be read.")) from error


def stream_of(parent) -> bool:
    """Tell whether what belongs to a row are observations of one datastream."""
    return isinstance(parent, Datastream)
