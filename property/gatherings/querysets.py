"""Who sees what of neighbours' events; staff lists start from ``visible_to(user)``, residents' from ``of_residents``.

Who runs an event: the people of the community that run assemblies, and a company or owners' committee for its own, in
the estate for which it is there (ADR 0027); what is for a whole area is the community's to run.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db import models
from django.db.models import Count, F, Q, Sum

from governance.models.organisation import Role
from governance.models.residency import Residency
from governance.scoping import InArea, OfUnit, Own, Relation, ScopedQuerySet, visible_q
from governance.workflow import WorkflowQuerySet
from property.assembly.querysets import LOOKS, RUNNING_ROLES, SYSTEM, UNIT_ROLES, at_home_q
from property.estates import InTheirEstate
from property.residents import LivesThere

IN_AREA = InArea()
RUNS = dict.fromkeys(RUNNING_ROLES, IN_AREA) | dict.fromkeys(UNIT_ROLES, IN_AREA & OfUnit("unit") & InTheirEstate())
RUN_BY = tuple(RUNS)


@dataclass(frozen=True)
class OfEventsUnit(Relation):
    """The grant's unit organises the event the object belongs to."""

    def q(self, grant, user):
        return Q(event__unit_id=grant.unit_id) if grant.unit_id else Q(pk__in=[])

    def holds(self, obj, grant, user):
        return grant.unit_id is not None and obj.event.unit_id == grant.unit_id


@dataclass(frozen=True)
class HasPart(Relation):
    """The person signed up to the event, or helps there."""

    def q(self, grant, user):
        return Q(pk__in=_of(user, "signup")) | Q(pk__in=_of(user, "volunteering"))

    def holds(self, obj, grant, user):
        return any(_of(user, model).filter(event_id=obj.pk).exists() for model in ("signup", "volunteering"))


def _of(user, model: str):
    return apps.get_model("property", model).objects.filter(person=user).values("event_id")


RUNS_PART = dict.fromkeys(RUNNING_ROLES, IN_AREA) | dict.fromkeys(
    UNIT_ROLES, IN_AREA & OfEventsUnit() & InTheirEstate(("event__estate",))
)
OWN = {Role.RESIDENT: Own("person")}
ASKED = {Role.RESIDENT: Own("person") | LivesThere()}
EITHER = {Role.RESIDENT: Own("giver") | Own("taker")}
KEEPS_SKILLS = dict.fromkeys(RUNNING_ROLES, IN_AREA)

__all__ = ["ASKED", "EITHER", "KEEPS_SKILLS", "LOOKS", "OWN", "RUNS", "RUNS_PART", "RUN_BY", "SYSTEM"]


class NeighbourEventQuerySet(WorkflowQuerySet):
    VISIBLE = RUNS | LOOKS | {Role.RESIDENT: HasPart()}
    # Who reads everything of it; people who only take part read what ``public.py`` tells.
    STAFF = RUNS | LOOKS

    def files_visible_to(self, user):
        """Receipts are for who runs it and who looks after them."""
        found = visible_q(self.STAFF, user)
        return self.none() if found is None else self.filter(found)

    def with_rows(self):
        """Load what a row shows: one statement."""
        related = ("area", "estate", "venue", "unit", "organiser", "parent", "booking", "organisation")
        return self.select_related(*related).defer("area__boundary")

    def of_residents(self, user):
        """Events told to the residents of the places in which a person lives or owns, and those they signed up to."""
        mine = apps.get_model("property", "signup").objects.filter(person=user)
        return self.filter(at_home_q(user) | Q(pk__in=mine.values("event_id"))).exclude(published_at=None)

    def to_hold(self):
        """Events that are still to come about."""
        return self.filter(state__in=["draft", "published", "closed"])


class SignUpQuerySet(WorkflowQuerySet):
    VISIBLE = RUNS_PART | LOOKS | OWN

    def with_rows(self):
        """Load what a row shows: one statement."""
        related = ("event__estate", "event__venue", "area", "person", "dwelling__building__estate")
        return self.select_related(*related).defer("area__boundary")

    def holding(self):
        """Those that hold a place."""
        return self.filter(state__in=["signed_up", "offered", "checked_in", "no_show"])

    def in_line(self):
        """Those that wait, the first first."""
        return self.filter(state="waiting").order_by("turn")

    def with_missed(self):
        """Count beside each how often the person stayed away from events before; a figure, never a reason by itself."""
        missed = Q(person__sign_ups__state="no_show") & ~Q(person__sign_ups__event=F("event"))
        return self.annotate(missed_before=Count("person__sign_ups", filter=missed, distinct=True))


class VolunteeringQuerySet(WorkflowQuerySet):
    VISIBLE = RUNS_PART | LOOKS | OWN

    def with_rows(self):
        """Load what a row shows: one statement."""
        return self.select_related("event__estate", "task", "area", "person").defer("area__boundary")

    def done(self):
        """Work that was done: ``person``, ``event``, ``task``, ``minutes``, ``checked_out_at``.

        This is what a points bank counts (issue 7): one row is one piece of voluntary work of one person, and the event
        ``volunteering.done`` with ``minutes`` in its payload is recorded when a row becomes one. Who runs the event may
        correct them: ``volunteering.corrected`` with ``minutes`` and ``before``; the row holds what counts.
        """
        return self.filter(state="done")

    def minutes_in_all(self) -> int:
        """Add up the minutes of work that was done."""
        return self.done().aggregate(total=Sum("minutes"))["total"] or 0


class EventPhotoQuerySet(WorkflowQuerySet):
    VISIBLE = RUNS_PART | LOOKS

    def with_rows(self):
        """Load what a row shows: two statements."""
        rows = self.select_related("event__estate", "area", "nobody_by", "uploaded_by").defer("area__boundary")
        return rows.prefetch_related("consents__person", "consents__dwelling", "consents__answered_by")

    def open_to_residents(self):
        """Photos that may be shown: nobody is recognisable on them, or everybody asked said yes."""
        consents = apps.get_model("property", "photoconsent").objects
        agreed = Q(pk__in=consents.values("photo_id"))
        unagreed = Q(pk__in=consents.exclude(state="consented").values("photo_id"))
        return self.filter(Q(nobody_by__isnull=False) | agreed, state="kept").exclude(unagreed)


class PhotoConsentQuerySet(WorkflowQuerySet):
    VISIBLE = RUNS_PART | LOOKS | ASKED

    def with_rows(self):
        """Load what a row shows: one statement."""
        return self.select_related("photo__event", "event", "area", "person", "dwelling").defer("area__boundary")

    def of_person(self, user):
        """What a person is asked for: by themselves, for their child, or for their household."""
        homes = Residency.objects.current().order_by().filter(user=user)
        return self.filter(Q(person=user) | Q(dwelling__in=homes.values("dwelling_id")), photo__state="kept")


class SkillCategoryQuerySet(models.QuerySet):
    def get_by_natural_key(self, code):
        return self.get(code=code)

    def visible_to(self, user):
        """Reference data: everybody signed in."""
        return self if user.is_authenticated and user.is_active else self.none()


class SkillEntryQuerySet(WorkflowQuerySet):
    VISIBLE = KEEPS_SKILLS | LOOKS | OWN

    def with_rows(self):
        """Load what a row shows: one statement."""
        return self.select_related("category", "area", "estate", "person").defer("area__boundary")

    def open_on(self, day):
        """Entries that hold on a day."""
        return self.not_over(day).filter(valid_from__lte=day)

    def not_over(self, day):
        """Entries that hold on a day or will."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), state="open")


class SkillMatchQuerySet(WorkflowQuerySet):
    VISIBLE = KEEPS_SKILLS | LOOKS | EITHER

    def with_rows(self):
        """Load what a row shows: one statement."""
        related = ("area", "giver", "taker", "offer__category", "offer__estate", "want__category", "want__estate")
        return self.select_related(*related).defer("area__boundary")

    def of_person(self, user):
        """Matches in which a person offers or wants."""
        return self.filter(Q(giver=user) | Q(taker=user))


class FeedbackQuerySet(ScopedQuerySet):
    VISIBLE = RUNS_PART | LOOKS | OWN
