"""Which part of the cases an address asks about."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from cases.models import Scene
from cases.overview.figures import Where
from governance.errors import Invalid
from governance.models import Area


def where_asked(params: Mapping[str, str], user) -> Where:
    """Return the part named by the codes ``scene`` and ``area``. Raises Invalid naming the one that is unknown."""
    scenes = Scene.objects.visible_to(user).select_related("area").defer("area__boundary")
    areas = Area.objects.visible_to(user).defer("boundary")
    return Where(_coded(scenes, params, "scene"), _coded(areas, params, "area"))


def _coded(rows, params, name: str):
    code = params.get(name, "")
    if not code:
        return None
    found = rows.filter(code=code).first() if "\x00" not in code else None
    if found is None:
        raise Invalid(_("There is no “%(code)s”.") % {"code": code[:40]}, field=name, code="does_not_exist")
    return found
