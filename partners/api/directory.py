"""REST door of the recruitment page and of the resource directory, for anybody signed in."""

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.views import ApiView
from partners.models import OfferAccess, OfferKind, PartnerKind, Recruitment
from partners.recruiting.directory import VIEWS, Dated, directory_of, wish_of
from partners.recruiting.public import may_offer, partners_shown


class DirectoryOfferSerializer(serializers.Serializer):
    """An offer as everybody reads it."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(OfferKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    title = serializers.CharField()
    about = serializers.CharField()
    extent = serializers.CharField()
    access = serializers.ChoiceField(OfferAccess.choices)
    target_group = serializers.CharField()
    place = serializers.CharField()
    time = serializers.CharField(source="time_text")
    partner_name = serializers.CharField(source="partner.public_name")
    partner_kind = serializers.ChoiceField(PartnerKind.choices, source="partner.kind")


class DirectoryDateSerializer(serializers.Serializer):
    """An offer at a time; `slot` where places are kept of it, `free` null where nobody signs up."""

    offer = DirectoryOfferSerializer()
    slot = serializers.IntegerField(source="slot.pk", default=None, allow_null=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    place = serializers.CharField()
    capacity = serializers.IntegerField(source="slot.capacity", default=0)
    free = serializers.SerializerMethodField()
    mine = serializers.BooleanField()

    def get_free(self, one: Dated) -> int | None:
        return one.slot.free if one.signs_up else None


class DirectorySerializer(serializers.Serializer):
    """What was found between two days, both included; `cut`: there is more than is shown."""

    first_day = serializers.DateField()
    last_day = serializers.DateField()
    dates = DirectoryDateSerializer(many=True)
    undated = DirectoryOfferSerializer(many=True)
    cut = serializers.BooleanField()


class ShownPartnerSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(PartnerKind.choices)
    kind_label = serializers.CharField()
    name = serializers.CharField()
    profession = serializers.CharField()
    about = serializers.CharField()
    active_from = serializers.DateField()


class PartnerKindSerializer(serializers.Serializer):
    """A kind of partner and what it may offer."""

    kind = serializers.ChoiceField(PartnerKind.choices)
    label = serializers.CharField()
    may_offer = serializers.CharField()


class RecruitmentSerializer(serializers.Serializer):
    """A community's recruitment page."""

    area = serializers.CharField()
    area_name = serializers.CharField()
    is_open = serializers.BooleanField()
    intro = serializers.CharField()
    terms = serializers.CharField()
    terms_title = serializers.CharField()
    terms_text = serializers.CharField()
    kinds = PartnerKindSerializer(many=True)
    partners = ShownPartnerSerializer(many=True)


def _page(code: str) -> Recruitment:
    found = Recruitment.objects.filter(area__code=code, area__is_active=True).with_rows().first()
    if found is None:
        raise Http404
    return found


@extend_schema(tags=["partners"])
class RecruitmentView(ApiView):
    permission_classes = [IsAuthenticated]

    @extend_schema(responses=RecruitmentSerializer)
    def get(self, request, code):
        """What a community looks for, the kinds of partners, who is one, and the terms."""
        page = _page(code)
        told = {
            "area": page.area.code, "area_name": page.area.name, "is_open": page.is_open, "intro": page.intro,
            "terms": page.terms.code, "terms_title": page.terms.title, "terms_text": page.terms.text,
            "kinds": [{"kind": kind, "label": kind.label, "may_offer": may_offer(kind)} for kind in PartnerKind],
            "partners": partners_shown(page.area),
        }  # fmt: skip
        return Response(RecruitmentSerializer(told).data)


ASKED = [
    OpenApiParameter("view", str, enum=VIEWS, description="Span of days: 31 of a list, a week, a month in weeks."),
    OpenApiParameter("day", str, description="A day of the span; default today."),
    OpenApiParameter("kind", str, enum=OfferKind.values),
    OpenApiParameter("partner_kind", str, enum=PartnerKind.values),
    OpenApiParameter("q", str, description="Words: in title, text, target group, place, partner."),
]


@extend_schema(tags=["partners"])
class DirectoryView(ApiView):
    permission_classes = [IsAuthenticated]

    @extend_schema(parameters=ASKED, responses=DirectorySerializer)
    def get(self, request, code):
        """Who offers what, when and where in a community: dates in order, and what has none."""
        found = directory_of([_page(code).area], wish_of(request.query_params), reader=request.user)
        first, last = found.wish.span
        dates = [one for _day, rows in found.days for one in rows]
        told = {"first_day": first, "last_day": last, "dates": dates, "undated": found.undated, "cut": found.cut}
        return Response(DirectorySerializer(told).data)
