"""JSON of rows: links, ``$select``, and ``$expand`` in a fixed number of statements for each expanded name."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import connection
from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from devices.models import Reading
from devices.sensorthings.entities import ENTITIES, Entity, Link, parts
from devices.sensorthings.options import Options, refusal
from devices.sensorthings.pages import OBSERVATIONS, Listing
from devices.sensorthings.paths import Place

# Rows of one expanded collection: of each row, and of all rows together.
USUAL_EXPANDED, MOST_EXPANDED = 20, 5_000
OF_EACH = """
SELECT reading.* FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS sent (device_id, metric, nth)
CROSS JOIN LATERAL ({statement}) AS reading ORDER BY sent.nth
"""
COLUMNS = ("device_id", "metric", "at", "value", "text", "received_at", "quality")


@dataclass
class Answers:
    """Writes rows as JSON. ``root``: the address of the service; ``devices``: those the request may see."""

    root: str
    devices: QuerySet

    def collection(self, place: Place, options: Options, *, stream: bool, refs: bool) -> dict:
        """Return a page of the rows of a place."""
        listing = Listing(place.entity, place.rows, options, stream=stream)
        rows, further = listing.page()
        answer = {"@iot.count": listing.count()} if options.count else {}
        if further:
            answer["@iot.nextLink"] = self._next(f"{self.root}/{place.address}", options, further)
        if refs:
            answer["value"] = [{"@iot.selfLink": self.address(place.entity, row)} for row in rows]
        else:
            answer["value"] = self.many(place.entity, rows, options)
        return answer

    def one(self, entity: Entity, row, options: Options) -> dict:
        """Return the JSON of one row."""
        return self.many(entity, [row], options)[0]

    def many(self, entity: Entity, rows: Sequence, options: Options) -> list[dict]:
        """Return the JSON of rows, with what is to be expanded."""
        shown = [self._shown(entity, row, options.select) for row in rows]
        for name, inner in options.expand.items():
            link = entity.links.get(name)
            if link is None:
                raise refusal("$expand", _("%(entity)s have no “%(name)s”.") % {"entity": entity.name, "name": name})
            if rows:
                self._expand(entity, name, link, rows, shown, inner)
        return shown

    def address(self, entity: Entity, row) -> str:
        """Return the address of a row."""
        identity = entity.identity(row)
        written = f"'{identity}'" if isinstance(identity, str) else identity
        return f"{self.root}/{entity.name}({written})"

    def _shown(self, entity: Entity, row, select: list[str]) -> dict:
        own = self.address(entity, row)
        whole = {"@iot.id": entity.identity(row), "@iot.selfLink": own} | entity.content(row)
        whole |= {f"{name}@iot.navigationLink": f"{own}/{name}" for name in entity.links}
        if not select:
            return whole
        wanted = {"@iot.id" if name == "id" else name for name in select}
        wanted |= {f"{name}@iot.navigationLink" for name in select if name in entity.links}
        unknown = wanted - whole.keys() - entity.links.keys() - {"resultQuality"}
        if unknown:
            words = {"entity": entity.name, "name": sorted(unknown)[0]}
            raise refusal("$select", _("%(entity)s have no “%(name)s”.") % words)
        return {name: value for name, value in whole.items() if name in wanted}

    def _expand(self, entity: Entity, name: str, link: Link, rows: Sequence, shown: list[dict],
                options: Options) -> None:  # fmt: skip
        target = ENTITIES[link.target]
        keys = [parts(row, link.here) for row in rows]
        top = min(options.top if options.top is not None else USUAL_EXPANDED, max(1, MOST_EXPANDED // len(rows)))
        if options.count:
            raise refusal("$count", _("Expanded rows are not counted: ask at their own address."))
        children_of = self._observations if link.many and target.name == OBSERVATIONS else self._children
        found = children_of(target, link, set(keys), options, top)
        flat = [child for children in found.values() for child in children[:top]]
        written = iter(self.many(target, flat, options))
        by_key = {key: [next(written) for _child in children[:top]] for key, children in found.items()}
        for row, key, answer in zip(rows, keys, shown, strict=True):
            children = by_key.get(key, [])
            answer.pop(f"{name}@iot.navigationLink", None)
            if not link.many:
                answer[name] = children[0] if children else None
                continue
            answer[name] = children
            if len(found.get(key, [])) > top:
                own = f"{self.address(entity, row)}/{name}"
                answer[f"{name}@iot.nextLink"] = self._next(own, options, f"$skip={options.skip + top}", top)

    def _children(self, target: Entity, link: Link, keys: set[tuple], options: Options,
                  top: int) -> dict[tuple, list]:  # fmt: skip
        """Return by key the rows that belong there: one more than ``top`` where there are more."""
        rows = target.rows(self.devices)
        columns = list(zip(*keys, strict=True))
        rows = rows.filter(
            **{f"{there}__in": sorted(set(column)) for there, column in zip(link.there, columns, strict=True)}
        )
        rows = Listing(target, rows, options).ordered()
        if link.many:
            place = Window(RowNumber(), partition_by=[F(there) for there in link.there], order_by=rows.query.order_by)
            rows = rows.alias(nth=place).filter(nth__gt=options.skip, nth__lte=options.skip + top + 1)
        found = defaultdict(list)
        for row in rows:
            found[parts(row, tuple(there.replace("__", ".") for there in link.there))].append(row)
        return {key: children for key, children in found.items() if key in keys}

    def _observations(self, target: Entity, link: Link, keys: set[tuple], options: Options,
                      top: int) -> dict[tuple, list]:  # fmt: skip
        """Return the observations of datastreams: of each its own few by the index, in one statement for all."""
        if link.there != ("device_id", "metric"):
            raise refusal("$expand", _("Observations can be expanded from Datastreams only."))
        listing = Listing(target, Reading.objects.all(), options, stream=True)
        inner = listing.ordered().extra(
            where=["devices_reading.device_id = sent.device_id AND devices_reading.metric = sent.metric"]
        )
        inner = inner.values_list(*COLUMNS)[options.skip : options.skip + top + 1]
        statement, values = inner.query.sql_with_params()
        devices, metrics = zip(*sorted(keys), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(OF_EACH.format(statement=statement), [list(devices), list(metrics), *values])
            found = defaultdict(list)
            for row in cursor.fetchall():
                reading = Reading(**dict(zip(COLUMNS, row, strict=True)))
                found[reading.device_id, reading.metric].append(reading)
        return found

    def _next(self, address: str, options: Options, further: str, top: int | None = None) -> str:
        order = ",".join(f"{path} desc" if descending else path for path, descending in options.order)
        top = options.top if top is None else top
        kept = {
            "$filter": options.filter, "$orderby": order, "$top": "" if top is None else top,
            "$select": ",".join(options.select), "$expand": _written(options.expand),
            "$count": "true" if options.count else "",
        }  # fmt: skip
        given = urlencode({name: value for name, value in kept.items() if value != ""}, safe="$,/()=;'")
        return f"{address}?{given}&{further}" if given else f"{address}?{further}"


def _written(expand: dict[str, Options]) -> str:
    """Return ``$expand`` as it stands in an address."""
    return ",".join(name + _inner(options) for name, options in expand.items())


def _inner(options: Options) -> str:
    order = ",".join(f"{path} desc" if descending else path for path, descending in options.order)
    told = {
        "$filter": options.filter, "$orderby": order, "$top": "" if options.top is None else options.top,
        "$skip": options.skip or "", "$select": ",".join(options.select), "$expand": _written(options.expand),
        "$count": "true" if options.count else "",
    }  # fmt: skip
    inner = ";".join(f"{name}={value}" for name, value in told.items() if value != "")
    return f"({inner})" if inner else ""
