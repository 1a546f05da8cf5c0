"""What hot spots are counted from: each case's place in the counts, and the counts.

Kept by ``cases.hotspots.counting``; nothing else writes here. ``cases`` are cases that count (not rejected, not
cancelled, not merged into another), ``reports`` those and the ones merged into another. Rows whose ``reports`` are 0
mean nothing. Keys are not checked against other tables: cases and areas are never deleted, and a check of each of many
rows costs more than the counting.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.catalogue import CaseCategory
from governance.models import Area

# Read from the index alone: thousands of rows make up one answer.
SUMS = ["cases", "reports"]


def _key(model, **options):
    return models.ForeignKey(model, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", **options)


class CaseSpot(models.Model):
    """How one case is counted. ``place``: see ``cases.hotspots.cells.place_of``; ``day`` in Asia/Shanghai."""

    case = models.OneToOneField(
        "cases.Case", models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="spot"
    )
    place = models.BigIntegerField(null=True)
    day = models.DateField()
    area = _key(Area)
    category = _key(CaseCategory, null=True)
    category_class = _key(CaseCategory, null=True)
    cases = models.SmallIntegerField()
    reports = models.SmallIntegerField()

    class Meta:
        verbose_name = _("counted case")
        verbose_name_plural = _("counted cases")
        indexes = [
            models.Index(
                fields=["place", "day"],
                include=["case", "area", "category", "category_class", "cases"],
                name="spot_place",
            ),
            models.Index(
                fields=["day"], include=["place", "area", "category", "category_class", "cases"], name="spot_day"
            ),
        ]

    def __str__(self):
        return str(self.pk)


class Tally(models.Model):
    """Base of the counts."""

    cases = models.IntegerField()
    reports = models.IntegerField()

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.cases} / {self.reports}"


class DayTally(Tally):
    """Cases by day, cell (resolution 9; none without coordinates), area and category with its class."""

    day = models.DateField(_("day"))
    cell = models.BigIntegerField(_("cell"), null=True)
    area = _key(Area)
    category = _key(CaseCategory, null=True)
    category_class = _key(CaseCategory, null=True)

    class Meta:
        verbose_name = _("hot spot")
        verbose_name_plural = _("hot spots")
        constraints = [
            models.UniqueConstraint(
                fields=["day", "area", "cell", "category", "category_class"], name="day_tally_once",
                nulls_distinct=False,
            )
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["category", "day"], include=["cell", "area", *SUMS], name="day_tally_category"),
            models.Index(fields=["category_class", "day"], include=["cell", "area", *SUMS], name="day_tally_class"),
            models.Index(fields=["area", "day"], name="day_tally_area"),
        ]


class CellTally(Tally):
    """Cases by spans of weeks (``span`` days from ``starts`` on), cell, area and class; without a class it is all
    cases, which are counted by single weeks too."""

    span = models.SmallIntegerField()
    starts = models.DateField()
    cell = models.BigIntegerField(null=True)
    area = _key(Area)
    category_class = _key(CaseCategory, null=True)

    class Meta:
        verbose_name = _("count of a cell")
        verbose_name_plural = _("counts of cells")
        constraints = [
            models.UniqueConstraint(
                fields=["category_class", "span", "starts", "area", "cell"],
                include=SUMS,
                name="cell_tally_once",
                nulls_distinct=False,
            )
        ]


class AreaTally(Tally):
    """Cases of a street, district or city and all under it, by span and category.

    A class counts its sub-classes; without a category it is all cases, which are counted by single days too.
    """

    span = models.SmallIntegerField()
    starts = models.DateField()
    area = _key(Area)
    category = _key(CaseCategory, null=True)

    class Meta:
        verbose_name = _("count of an area")
        verbose_name_plural = _("counts of areas")
        constraints = [
            models.UniqueConstraint(
                fields=["area", "span", "starts", "category"], name="area_tally_once", nulls_distinct=False
            )
        ]


class CaseChange(models.Model):
    """A case to be counted anew. A trigger of the database adds a row in the transaction that changes a case, so that
    writing never waits for a count and costs no statement."""

    case_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("case to be counted")
        verbose_name_plural = _("cases to be counted")

    def __str__(self):
        return str(self.case_id)


class TallyState(models.Model):
    """The one row about the counts: up to when they are complete, how far a rebuild has come (id of a case), and
    whether areas or categories moved, so that they must be summed up anew."""

    counted_at = models.DateTimeField(null=True)
    rebuilt_to = models.BigIntegerField(null=True)
    is_stale = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("state of the counts")
        verbose_name_plural = _("state of the counts")

    def __str__(self):
        return str(self.counted_at)
