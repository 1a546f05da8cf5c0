"""Reads of scenes, and which cases belong to one."""

from django.apps import apps
from django.db.models import Q, QuerySet

from governance.models.organisation import Role
from governance.querysets import NaturalCodeQuerySet
from governance.scoping import Grant


class SceneQuerySet(NaturalCodeQuerySet):
    def in_use(self):
        """Scenes people work with, in their order."""
        return self.filter(is_active=True)

    def met_by(self, grants: tuple[Grant, ...]):
        """Scenes whose area holds, or lies in, an area of the grants: those that concern the person."""
        reach = Q(pk__in=[])
        for grant in grants:
            if grant.role == Role.RESIDENT:
                continue
            above = [int(part) for part in grant.area_path.strip("/").split("/") if part]
            reach |= Q(area_id__in=above) | Q(area__path__startswith=grant.area_path)
        return self.filter(reach)


def categories_of(code: str) -> QuerySet:
    """Return the keys of the categories of a scene: those named, and the sub-classes of classes named."""
    named = apps.get_model("cases", "SceneCategory").objects.filter(scene__code=code).values("category_id")
    rows = apps.get_model("cases", "CaseCategory").objects.filter(Q(pk__in=named) | Q(parent__in=named))
    return rows.order_by().values("pk")


def in_scene(cases: QuerySet, scene) -> QuerySet:
    """Narrow ``cases`` to those of ``scene``, by their category and its area.

    The keys of the categories are read first (one statement): told them, the database plans well; told only where to
    find them, it takes the scene for a handful of cases and reads all there ever were.
    """
    keys = list(categories_of(scene.code).values_list("pk", flat=True))
    return cases.filter(area__path__startswith=scene.area.path, category_id__in=keys)


def in_scene_coded(cases: QuerySet, code: str) -> QuerySet:
    """As ``in_scene``, for a scene of which only the code is known; two statements."""
    return in_scene(cases, apps.get_model("cases", "Scene").objects.select_related("area").get(code=code))
