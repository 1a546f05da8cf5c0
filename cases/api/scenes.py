"""REST door of scenes: what groups categories and device types, and who leads it."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from cases.models import Scene
from governance.api.filters import AreaFilter, CodedFilterSet, YesNoFilter
from governance.api.paging import ByCode
from governance.api.views import ReferenceViewSet


class SceneSerializer(serializers.ModelSerializer):
    """``categories`` and ``units`` are codes; a class stands for all its sub-classes. The units are in their order."""

    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    categories = serializers.SerializerMethodField()
    units = serializers.SerializerMethodField()

    class Meta:
        model = Scene
        fields = ["code", "name", "description", "area", "area_name", "categories", "units", "position", "is_active"]
        read_only_fields = fields

    def get_categories(self, scene) -> list[str]:
        return [row.category.code for row in scene.categories.all()]

    def get_units(self, scene) -> list[str]:
        return [row.unit.code for row in scene.units.all()]


class SceneFilters(CodedFilterSet):
    area = AreaFilter()
    in_use = YesNoFilter("is_active")

    class Meta(CodedFilterSet.Meta):
        model = Scene


@extend_schema(tags=["reference"])
class SceneViewSet(ReferenceViewSet):
    """Scenes of the operations centre; `GET cases/?scene=` and `GET overview/?scene=` look at one."""

    queryset = (
        Scene.objects.select_related("area")
        .defer("area__boundary")
        .prefetch_related("categories__category", "units__unit")
    )
    serializer_class = SceneSerializer
    filterset_class = SceneFilters
    pagination_class = ByCode
