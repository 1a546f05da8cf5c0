"""Reads of scenes, and which cases belong to one."""

from django.apps import apps
from django.db.models import Q, QuerySet, Subquery

from governance.models.area import Area
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
    """Narrow ``cases`` to those of ``scene``: by their category and its area; one statement with the rest."""
    return cases.filter(area__path__startswith=scene.area.path, category__in=categories_of(scene.code))


def in_scene_coded(cases: QuerySet, code: str) -> QuerySet:
    """As ``in_scene``, for a scene of which only the code is known."""
    top = apps.get_model("cases", "Scene").objects.filter(code=code).values("area__path")
    areas = Area.objects.order_by().filter(path__startswith=Subquery(top))
    return cases.filter(area__in=areas.values("pk"), category__in=categories_of(code))
