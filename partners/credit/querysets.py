"""Who sees what of credit files: staff of the community and who looks, and each partner its own."""

from datetime import date

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Length

from governance.models.event import Remark
from governance.models.organisation import Role
from governance.scoping import InArea, ScopedQuerySet
from governance.workflow import WorkflowQuerySet
from partners.earning.querysets import ACTS, LOOKS, RUNS, SYSTEM

ADMINISTERS = {Role.ADMINISTRATOR: InArea()}
SETS = RUNS | ADMINISTERS
PARTNER_AREAS = ("area", "partner__area", "partner__unit", "partner__person")
NO_BOUNDARIES = ("area__boundary", "partner__area__boundary")

__all__ = ["ACTS", "LOOKS", "RUNS", "SETS", "SYSTEM"]


class FormulaQuerySet(WorkflowQuerySet):
    VISIBLE = LOOKS

    def get_by_natural_key(self, code):
        return self.get(code=code)

    def with_rows(self):
        """Load what a row shows."""
        rows = self.select_related("area").defer("area__boundary")
        return rows.prefetch_related("weights", "levels")

    def in_force(self, day: date):
        """Formulas that hold on a day, also those replaced since."""
        ends = Q(valid_to__isnull=True) | Q(valid_to__gte=day)
        return self.filter(ends, valid_from__lte=day, state__in=["in_force", "replaced"])

    def for_area(self, area):
        """Formulas of an area and of those above it, the nearest first."""
        return self.filter(area__in=area.lineage).order_by(Length("area__path").desc())


class NoteQuerySet(WorkflowQuerySet):
    VISIBLE = LOOKS | ACTS

    def with_rows(self):
        """Load what a row shows."""
        return self.select_related(*PARTNER_AREAS, "recorded_by").defer(*NO_BOUNDARIES)

    def counting(self, at):
        """Notes that count at a moment: the partner was told before it."""
        return self.filter(state="told", told_at__lte=at)


class ProfileQuerySet(ScopedQuerySet):
    VISIBLE = LOOKS | ACTS

    def with_rows(self):
        """Load what a row shows."""
        return self.select_related(*PARTNER_AREAS, "current__formula").defer(*NO_BOUNDARIES)


class ComputationQuerySet(ScopedQuerySet):
    VISIBLE = LOOKS | ACTS

    def with_rows(self):
        """Load what a row shows, with its lines."""
        related = (*PARTNER_AREAS, "formula", "profile")
        return self.select_related(*related).defer(*NO_BOUNDARIES).prefetch_related("lines")


class AppealQuerySet(WorkflowQuerySet):
    VISIBLE = LOOKS | ACTS

    def with_rows(self):
        """Load what a row shows; ``answered``: what was said when it was decided, None until then."""
        related = (*PARTNER_AREAS, "note__recorded_by", "profile", "filed_by", "decided_by")
        words = Remark.objects.filter(event__subject_type="partners.creditappeal", event__subject_id=OuterRef("pk"),
                                      event__name__in=["credit_appeal.upheld", "credit_appeal.declined"])  # fmt: skip
        rows = self.select_related(*related).defer(*NO_BOUNDARIES)
        return rows.annotate(answered=Subquery(words.order_by("-event_id").values("text")[:1]))

    def open(self):
        """Appeals that nobody has decided."""
        return self.filter(state="open")


class ListQuerySet(WorkflowQuerySet):
    VISIBLE = LOOKS

    def with_rows(self):
        """Load what a row shows."""
        return self.select_related("area", "drawn_by").defer("area__boundary")


class CandidateQuerySet(WorkflowQuerySet):
    VISIBLE = LOOKS

    def with_rows(self):
        """Load what a row shows."""
        related = (*PARTNER_AREAS, "of_list", "computation__profile", "decided_by")
        return self.select_related(*related).defer(*NO_BOUNDARIES)
