"""REST door of the files of disputes. Every write is a service; reading their captions and opening them is recorded."""

import django_filters as filters
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.api.fields import PhotosField
from governance.api.filters import CodedFilterSet, YesNoFilter
from governance.api.idempotency import ReadsAgain, idempotent
from governance.api.views import ScopedViewSet
from governance.attachments import opened_by
from governance.models import Attachment
from governance.scoping import grant_for
from mediation.access import access_record
from mediation.files.keeping import LONGEST_CAPTION, file_add, file_mark, file_remove
from mediation.files.querysets import SEES
from mediation.files.reading import FILE, files_of, shown_to
from mediation.files.states import OF_THE_FILE, FileKind
from mediation.models import Dispute, DisputeFile, Track

BIG = 2**63 - 1
CONTENT = {200: OpenApiResponse(OpenApiTypes.BINARY, description="A photo (JPEG, PNG) or a PDF.")}


class OpenedFileSerializer(serializers.ModelSerializer):
    """A photo or PDF of a file; its content under `mediation/files/{id}/content/{this id}/`."""

    class Meta:
        model = Attachment
        fields = ["id", "content_type", "size", "width", "height"]
        read_only_fields = fields


class DisputeFileSerializer(serializers.ModelSerializer):
    """A file of a dispute as lists show it, without words. `track`: the id of the track whose document it is."""

    dispute = serializers.CharField(source="dispute.number")
    kind = serializers.ChoiceField(FileKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    added_by = serializers.CharField(source="added_by.username")

    class Meta:
        model = DisputeFile
        fields = ["id", "dispute", "kind", "kind_label", "track", "for_court", "pages", "added_by", "added_at",
                  "removed_at"]  # fmt: skip
        read_only_fields = fields


class DisputeFileDetailSerializer(DisputeFileSerializer):
    """A file with its caption, and its photos and PDF (none for who may not open it). Reading it is recorded."""

    files = serializers.SerializerMethodField()

    class Meta(DisputeFileSerializer.Meta):
        fields = [*DisputeFileSerializer.Meta.fields, "caption", "files"]
        read_only_fields = fields

    def get_files(self, row) -> OpenedFileSerializer(many=True):
        return OpenedFileSerializer(row.shown, many=True).data


class TrackFileInput(serializers.Serializer):
    """The document of a track."""

    files = PhotosField()
    caption = serializers.CharField(max_length=LONGEST_CAPTION, default="", allow_blank=True)


class FileInput(TrackFileInput):
    """A paper of the file, as photos or PDF; documents of a track are added to the track."""

    kind = serializers.ChoiceField(OF_THE_FILE)
    for_court = serializers.BooleanField(default=False)


class FileMarkInput(serializers.Serializer):
    """Whether the clerk of the court reads it once confirmation is applied for."""

    for_court = serializers.BooleanField()


class FileRemoveInput(serializers.Serializer):
    """Why a file is taken away."""

    reason = serializers.CharField(max_length=500)


def _given(request, serializer) -> dict:
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _told(shown) -> dict:
    shown.row.shown = shown.files
    return DisputeFileDetailSerializer(shown.row).data


def _read(row, request, what: str) -> None:
    """Write down that captions were read, in the role by which they are the caller's to read."""
    grant = grant_for(type(row)._default_manager.none().VISIBLE, row, request.user)
    dispute = row if isinstance(row, Dispute) else row.dispute
    access_record(dispute, actor=request.user, what=what, role=grant.role if grant else "")


def _one(row: DisputeFile, request) -> dict:
    """Return the JSON of a file, loaded anew."""
    fresh = DisputeFile.objects.with_rows().get(pk=row.pk)
    return _told(shown_to(request.user, [fresh])[0])


def _one_read(row: DisputeFile, request) -> dict:
    """Return the JSON of a file, loaded anew; that it was read is recorded."""
    grant = grant_for(SEES, row, request.user)
    access_record(row.dispute, actor=request.user, what=f"{FILE} {row.pk}", role=grant.role if grant else "")
    return _one(row, request)


class AddsFiles(ReadsAgain):
    """A viewset under whose rows files are added (``add_file``)."""

    def row_again(self, pk):
        if self.action != "add_file":
            return super().row_again(pk)
        rows = DisputeFile.objects.with_rows().visible_to(self.request.user)
        return _one_read(get_object_or_404(rows, pk=pk), self.request)


class DisputeFilesMixin(AddsFiles):
    """What the viewset of disputes does about files."""

    @extend_schema(responses=DisputeFileDetailSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def files(self, request, pk):
        """The files of the dispute, the newest first; reading them is recorded."""
        dispute = self.get_object()
        _read(dispute, request, FILE)
        return Response([_told(shown) for shown in files_of(request.user, dispute=dispute)])

    @extend_schema(request={"multipart/form-data": FileInput}, responses={201: DisputeFileDetailSerializer})
    @files.mapping.post
    @idempotent
    def add_file(self, request, pk):
        """Add photos or PDF, as who carries the dispute on; `multipart/form-data`."""
        dispute, given = self.get_object(), _given(request, FileInput)
        row = file_add(dispute, actor=request.user, uploads=given.pop("files"), **given)
        return Response(_one(row, request), status=status.HTTP_201_CREATED)


class TrackFilesMixin(AddsFiles):
    """What the viewset of tracks does about documents."""

    @extend_schema(responses=DisputeFileDetailSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def files(self, request, pk):
        """The documents of the track, the newest first; reading them is recorded."""
        track: Track = self.get_object()
        _read(track, request, f"mediation.track {track.pk} {FILE}")
        return Response([_told(shown) for shown in files_of(request.user, track=track)])

    @extend_schema(request={"multipart/form-data": TrackFileInput}, responses={201: DisputeFileDetailSerializer})
    @files.mapping.post
    @idempotent
    def add_file(self, request, pk):
        """Add a document of the track, as its organ or who leads; `multipart/form-data`."""
        track, given = self.get_object(), _given(request, TrackFileInput)
        row = file_add(track.dispute, actor=request.user, kind=FileKind.TRACK_DOCUMENT, track=track,
                       uploads=given.pop("files"), **given)  # fmt: skip
        return Response(_one(row, request), status=status.HTTP_201_CREATED)


class FileFilters(CodedFilterSet):
    """``kind`` may be given several times; ``dispute``, ``track``: ids. ``for_court``: what the court reads."""

    kind = filters.MultipleChoiceFilter(choices=FileKind.choices)
    dispute = filters.NumberFilter("dispute_id", min_value=1, max_value=BIG)
    track = filters.NumberFilter("track_id", min_value=1, max_value=BIG)
    for_court = YesNoFilter()

    class Meta(CodedFilterSet.Meta):
        model = DisputeFile


@extend_schema(tags=["mediation"])
class DisputeFileViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Files of the disputes the caller may read; for an organ its track's documents, for a clerk what is marked for
    the court. Added under `mediation/disputes/{id}/files/` and `mediation/tracks/{id}/files/`."""

    queryset = DisputeFile.objects.with_rows()
    serializer_class = DisputeFileSerializer
    filterset_class = FileFilters
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("mark", "remove")

    @extend_schema(responses=DisputeFileDetailSerializer)
    def retrieve(self, request, pk):
        """One file with its caption; reading it is recorded."""
        return Response(_one_read(self.get_object(), request))

    @extend_schema(responses=CONTENT)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None,
            url_path=r"content/(?P<attachment>[0-9a-f-]{36})")  # fmt: skip
    def content(self, request, pk, attachment):
        """The photo or PDF itself; that it was taken is recorded."""
        found = Attachment.objects.filter(subject_type=FILE, subject_id=self.get_object().pk)
        found = next((row.pk for row in found if str(row.pk) == attachment), None)
        return opened_by(request.user, found)

    @extend_schema(request=FileMarkInput, responses=DisputeFileDetailSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def mark(self, request, pk):
        """Let the clerk of the court read it with an application for confirmation, or no longer."""
        row = file_mark(self.get_object(), actor=request.user, **_given(request, FileMarkInput))
        return Response(_one(row, request))

    @extend_schema(request=FileRemoveInput, responses=DisputeFileDetailSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def remove(self, request, pk):
        """Take away what was added by mistake: the content is gone for good."""
        row = file_remove(self.get_object(), actor=request.user, **_given(request, FileRemoveInput))
        return Response(_one(row, request))
