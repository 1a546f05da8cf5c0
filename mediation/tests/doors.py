"""Every address of mediation, taken from the URL configuration and filled in with rows of a world.

A new address is walked without being named here. One whose part is not in ``parts``, or whose pages belong to a
namespace that is not in ``PAGES_OF``, fails the walk until it is placed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

from governance.attachments import attachments_of
from governance.workflow import WorkflowModel, steps_of
from mediation.admin.disputes_doing import DOINGS
from mediation.agreements.documents.papers import PAPERS
from mediation.models import (
    CounsellingReferral,
    Dispute,
    DisputeFile,
    FollowUpVisit,
    Hazard,
    HelperInvitation,
    MediationNote,
    Party,
    PartyLink,
)
from mediation.tests.scene import Scene

ADMIN = "admin/mediation/"
PART = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^()]*\)")
# Which rows the ``pk`` of pages under /m/ and /r/ names.
PAGES_OF = {
    "phone_disputes": Dispute, "phone_hazards": Hazard, "phone_mediation_visits": FollowUpVisit,
    "residents_helping": HelperInvitation, "residents_counselling": CounsellingReferral, "residents_disputes": Party,
    "party_page": PartyLink,
}  # fmt: skip
NOTHING = "0"  # no row has this number


@dataclass(frozen=True)
class Route:
    """An address with parts: ``api``, ``admin`` or ``pages``; ``model``: of which rows the page tells (None: none)."""

    text: str
    door: str
    model: type[Model] | None
    names: tuple[str, ...]
    methods: frozenset[str] = frozenset(["get", "post"])


@dataclass(frozen=True)
class Door:
    """An address filled in. ``tag``: the dispute whose row it names; None: a list, or a row of no dispute."""

    url: str
    model: str
    tag: str | None
    row: Model | None = None


def _patterns(resolver, before: str = "", space: str = "", ours: bool = False) -> Iterator[tuple]:
    for one in resolver.url_patterns:
        text = before + str(one.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        if isinstance(one, URLResolver):
            mine = ours or getattr(one.urlconf_name, "__name__", "").startswith("mediation.")
            yield from _patterns(one, text, one.namespace or space, mine)
        elif isinstance(one, URLPattern):
            yield text, space, one.callback, ours or text.startswith(ADMIN)


@cache
def routes() -> tuple[Route, ...]:
    """Return every address of mediation."""
    found = []
    for text, space, callback, ours in _patterns(get_resolver()):
        if not ours or text.endswith("<path:object_id>/"):  # leads on to the page of the row
            continue
        names = tuple(first or second for first, second in PART.findall(text))
        if text.startswith(ADMIN):
            model, door = apps.get_model("mediation", text.removeprefix(ADMIN).split("/")[0]), "admin"
        elif text.startswith("api/"):
            rows, door = getattr(getattr(callback, "cls", None), "queryset", None), "api"
            model = None if rows is None else rows.model
        else:
            model, door = PAGES_OF[space], "pages"
        methods = frozenset(getattr(callback, "actions", None) or ["get", "post"])
        found.append(Route(text, door, model, names, methods))
    return tuple(found)


def _rows(scene: Scene, model: type[Model]) -> list[tuple[str | None, Model]]:
    """Return rows of a model, of each dispute one or two, with the dispute's name."""
    if model is Dispute:
        return list(scene.disputes.items())
    rows = model._base_manager.all()
    if not any(field.name == "dispute" for field in model._meta.get_fields()):
        return [(None, row) for row in rows[:2]]
    most = 2 if model in (MediationNote, Party) else 1
    return [
        (name, row) for name, dispute in scene.disputes.items()
        for row in rows.filter(dispute=dispute).order_by("pk")[:most]
    ]  # fmt: skip


def _steps(route: Route, row: Model) -> list[str]:
    """Return the names a step may have in an address: those possible in the row's state, and one that is not."""
    if "/do/" in route.text:
        return list(DOINGS)
    if not isinstance(row, WorkflowModel):
        return ["accept"]
    now = [name for name, step in steps_of(type(row)).items() if row.state in step.sources]
    later = [name for name in steps_of(type(row)) if name not in now]
    return now + later[:1]


def _parts(scene: Scene, route: Route, tag: str | None, row: Model, *, seen: bool) -> dict[str, list[str]]:
    """Return what each part of an address may be for a row; a part that is not here has not been placed yet."""
    dispute = scene.disputes.get(tag)
    party = dispute and dispute.parties.order_by("pk").first()
    link, file = (dispute.links.first(), dispute.files.first()) if dispute else (None, None)
    content = attachments_of(row).first() if isinstance(row, DisputeFile) else None
    key = str(getattr(row, "code", None) or row.pk) if route.door == "api" else str(row.pk)
    # papers are taken by GET on residents' pages; by link none leaves before the digits
    papers = ["agreement"] if route.door == "admin" or route.model is PartyLink else ["file", *PAPERS]
    names = _steps(route, row)
    ids = {
        "object_id": row,
        "dispute": dispute,
        "party_id": party,
        "party": party,
        "link_id": link,
        "link": link,
        "authorisation_id": dispute and dispute.authorisations.first(),
        "file_id": file,
        "attachment": content,
    }
    return {name: [str(one.pk) if one else NOTHING] for name, one in ids.items()} | {
        "pk": [key], "code": papers if "paper" in route.text else [key], "paper": papers,
        "name": names if seen else names[:1], "token": [scene.tokens.get(tag, "x" * 43)], "what": ["withdraw"],
        "patrol_id": [NOTHING], "key_id": [NOTHING], "key": [NOTHING],
    }  # fmt: skip


def _filled(text: str, parts: dict[str, list[str]]) -> Iterator[str]:
    """Fill the parts in; of a part with several values one address for each, the others at their first."""
    names = [first or second for first, second in PART.findall(text)]
    chosen = {name: parts[name][0] for name in names}
    many = [name for name in names if len(parts[name]) > 1]
    for name in many or [None]:
        for value in parts[name] if name else [None]:
            given = chosen | ({name: value} if name else {})
            yield "/" + PART.sub(lambda found, given=given: given[found[1] or found[2]], text).replace("\\", "")


def _chosen(route: Route, rows: list, number: int) -> list[tuple[str | None, Model, bool]]:
    """Return the rows that a route is walked with: (dispute, row, whether it is seen). The page of a row itself for all
    of them; what hangs on it (steps, parties, papers, history) for the first seen in each state and the first hidden.
    Of a model of which somebody sees nothing, one row is like the other: another dispute's at each address."""
    if not any(seen for _tag, _row, seen in rows):
        return [rows[number % len(rows)]] if rows else []
    if len(route.names) == 1 and route.text.endswith(("/change/", ")/", ">/")):
        return rows
    first = {(seen and getattr(row, "state", ""), seen): (tag, row, seen) for tag, row, seen in reversed(rows)}
    return list(first.values())


def doors(scene: Scene, sees, method: str = "get", *, whole: bool = True) -> Iterator[Door]:
    """Yield every address that answers a method, filled in. ``sees(row)``: whether the person sees the row. ``whole``
    False: lists and pages of rows alone, for the second person of a role."""
    models = {route.model for route in routes() if route.model}
    rows = {model: [(tag, row, sees(row)) for tag, row in _rows(scene, model)] for model in models}
    for number, route in enumerate(route for route in routes() if method in route.methods):
        name = route.model._meta.model_name if route.model else ""
        if not route.names:
            yield Door(f"/{route.text}".replace("\\", ""), name, None)
        elif whole or (len(route.names) == 1 and not route.text.endswith(("history/", "delete/"))):
            for tag, row, seen in _chosen(route, rows.get(route.model, []), number):
                for url in _filled(route.text, _parts(scene, route, tag, row, seen=seen)):
                    yield Door(url, name, tag, row)
