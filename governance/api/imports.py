"""REST door of imports: bring a file, read the report, confirm, cancel. Everybody sees the own runs."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.response import Response

from governance.api.idempotency import idempotent
from governance.api.views import ScopedViewSet
from governance.exchange.files import MOST_BYTES, Source
from governance.exchange.importers import importers
from governance.exchange.runs import import_cancel, import_check, import_confirm
from governance.models import ImportRun, ImportState


class ImportErrorSerializer(serializers.Serializer):
    """What is wrong with a line; ``column`` is the column's name, "" for the whole line."""

    file = serializers.CharField()
    line = serializers.IntegerField()
    column = serializers.CharField()
    message = serializers.CharField()


class ImportRowSerializer(serializers.Serializer):
    """What a line will do."""

    line = serializers.IntegerField()
    action = serializers.ChoiceField(["add", "change", "same"])
    title = serializers.CharField()


class ImportRunSerializer(serializers.ModelSerializer):
    """A run: counts are lines; ``percent`` is how far it is."""

    state = serializers.ChoiceField(ImportState.choices)
    percent = serializers.IntegerField()
    started_by = serializers.CharField(source="started_by.username")

    class Meta:
        model = ImportRun
        fields = [
            "id", "importer", "file_name", "state", "lines", "adds", "changes", "same", "error_count", "percent",
            "failure", "started_by", "created_at", "started_at", "ended_at",
        ]  # fmt: skip
        read_only_fields = fields


class ImportReportSerializer(ImportRunSerializer):
    """A run with its report: the first errors (at most 1,000) and planned rows (50), and what is good to know."""

    errors = serializers.SerializerMethodField()
    rows = serializers.SerializerMethodField()
    notes = serializers.ListField(child=serializers.CharField())

    class Meta(ImportRunSerializer.Meta):
        fields = [*ImportRunSerializer.Meta.fields, "errors", "rows", "notes"]
        read_only_fields = fields

    @extend_schema_field(ImportErrorSerializer(many=True))
    def get_errors(self, run):
        names = ("file", "line", "column", "message")
        return [dict(zip(names, error, strict=True)) for error in run.errors]

    @extend_schema_field(ImportRowSerializer(many=True))
    def get_rows(self, run):
        return [dict(zip(("line", "action", "title"), row, strict=True)) for row in run.rows]


class ImportInput(serializers.Serializer):
    """A file for an importer. What the importer asks beside it (``scheme`` ...) comes as fields of the same form."""

    importer = serializers.CharField(max_length=60)
    file = serializers.FileField(help_text=gettext_lazy("Excel, CSV or TSV; UTF-8 or GB 18030"))
    dry_run = serializers.BooleanField(default=True)

    def validate_file(self, file):
        if file.size > MOST_BYTES:
            raise serializers.ValidationError(
                _("%(name)s is larger than %(most)s MB.") % {"name": file.name, "most": MOST_BYTES // 1024**2},
                "too_large",
            )
        return file


@extend_schema(tags=["imports"])
class ImportViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Imports the caller brought (administrators: also those of their areas), newest first."""

    queryset = ImportRun.objects.select_related("started_by")
    serializer_class = ImportRunSerializer
    parser_classes = [MultiPartParser, FormParser]
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("confirm", "cancel")

    def get_queryset(self):
        rows = super().get_queryset()
        return rows.defer("errors", "rows", "notes") if self.action == "list" else rows

    @extend_schema(request={"multipart/form-data": ImportInput}, responses={201: ImportReportSerializer})
    @idempotent
    def create(self, request):
        """Check a file and answer with the report; nothing is stored. With `dry_run=false` a file without bad lines is
        confirmed at once and stored in the background.
        """
        given = ImportInput(data=request.data)
        given.is_valid(raise_exception=True)
        given = given.validated_data
        cls = importers().get(given["importer"])
        options = {option.name: str(request.data.get(option.name, "")) for option in cls.options} if cls else {}
        source = Source(given["file"].name, given["file"].read())
        run = import_check(actor=request.user, key=given["importer"], sources=[source], options=options)
        if not given["dry_run"] and not run.error_count:
            run = import_confirm(run, actor=request.user)
        return Response(ImportReportSerializer(run).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=ImportReportSerializer)
    def retrieve(self, request, pk):
        """One run with its report."""
        return Response(ImportReportSerializer(self.get_object()).data)

    @extend_schema(request=None, responses=ImportRunSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request, pk):
        """Store a checked file in the background, whole or not at all."""
        return Response(self.get_serializer(import_confirm(self.get_object(), actor=request.user)).data)

    @extend_schema(request=None, responses=ImportRunSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk):
        """Drop a checked file, or stop a running import: it then stores nothing."""
        return Response(self.get_serializer(import_cancel(self.get_object(), actor=request.user)).data)
