"""States and transitions of service lists and of what is done by them. Nothing here reads or writes data.

A list: draft → published → replaced; withdrawn as a draft. Party organisation and company both agree to the draft; what
is published is never edited, only replaced by the next edition.
An occurrence: planned → done → checked; missed when its time ended, or when a look on site says it was not done;
excused with a reason.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.models.organisation import Role
from governance.workflow import step
from property.serving.querysets import AGREES, COMMUNITY, COMPANY, IN_AREA, OWNERS, SYSTEM
from property.stewards.scope import stewarding


class ListState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    REPLACED = "replaced", _("Replaced")
    WITHDRAWN = "withdrawn", _("Withdrawn")


L = ListState
ADMINISTRATOR = {Role.ADMINISTRATOR: IN_AREA}


def agreed_by_both(service_list) -> bool:
    return service_list.party_agreed_at is not None and service_list.company_agreed_at is not None


def party_not_yet(service_list) -> bool:
    return service_list.party_agreed_at is None


def company_not_yet(service_list) -> bool:
    return service_list.company_agreed_at is None


class ServiceListSteps(models.Model):
    """The transitions; ``ServiceList`` inherits them."""

    class Meta:
        abstract = True

    @step(
        label=_("Agree for the party organisation"),
        source=[L.DRAFT],
        target=None,
        allow={Role.PARTY_SECRETARY: IN_AREA},
        event="service_list.party_agreed",
        guards=[party_not_yet],
    )
    def agree_party(self, *, agreed_by, agreed_at):
        """The secretary agrees to the draft as it stands; an edit asks for it anew."""
        self.party_agreed_by, self.party_agreed_at = agreed_by, agreed_at

    @step(
        label=_("Agree for the company"),
        source=[L.DRAFT],
        target=None,
        allow=AGREES,
        event="service_list.company_agreed",
        guards=[company_not_yet],
    )
    def agree_company(self, *, agreed_by, agreed_at):
        """The company agrees to the draft as it stands."""
        self.company_agreed_by, self.company_agreed_at = agreed_by, agreed_at

    @step(
        label=_("Publish"),
        source=[L.DRAFT],
        target=L.PUBLISHED,
        allow=COMMUNITY,
        event="service_list.published",
        guards=[agreed_by_both],
    )
    def publish(self, *, published_on):
        """From that day on it holds, and its residents see it."""
        self.published_on = published_on

    @step(
        label=_("Replace"),
        source=[L.PUBLISHED],
        target=L.REPLACED,
        allow=SYSTEM,
        event="service_list.replaced",
        quiet=True,
    )
    def replace(self, *, replaced_on):
        """The next edition was published."""
        self.replaced_on = replaced_on

    @step(
        label=_("Withdraw the draft"),
        source=[L.DRAFT],
        target=L.WITHDRAWN,
        allow=COMMUNITY | ADMINISTRATOR,
        event="service_list.withdrawn",
        backward=True,
    )
    def withdraw(self):
        """It is not gone on with."""


class RecordState(models.TextChoices):
    PLANNED = "planned", _("To be done")
    DONE = "done", _("Done")
    CHECKED = "checked", _("Done and checked")
    MISSED = "missed", _("Service not done")
    EXCUSED = "excused", _("Excused")


R = RecordState
# Whoever of the community passes by may look: stewards and the owners' committee too.
CHECKS = COMMUNITY | {Role.STEWARD: stewarding()} | OWNERS


class ServiceRecordSteps(models.Model):
    """The transitions; ``ServiceRecord`` inherits them. Times come from the caller."""

    class Meta:
        abstract = True

    @step(label=_("Report as done"), source=[R.PLANNED], target=R.DONE, allow=COMPANY, event="service.done")
    def complete(self, *, done_by, done_at):
        """The company did it, with a photo where the item asks for one."""
        self.done_by, self.done_at = done_by, done_at

    @step(label=_("Confirm on site"), source=[R.DONE], target=R.CHECKED, allow=CHECKS, event="service.checked")
    def check_on_site(self):
        """Somebody looked and it is as reported."""

    @step(
        label=_("Not done as reported"),
        source=[R.DONE],
        target=R.MISSED,
        allow=CHECKS,
        event="service.refused",
        backward=True,
    )
    def refuse(self):
        """Somebody looked and it is not done, or not to the standard."""

    @step(
        label=_("Mark as missed"), source=[R.PLANNED], target=R.MISSED, allow=SYSTEM, event="service.missed", quiet=True
    )
    def miss(self):
        """Its time ended and nobody had reported it as done."""

    @step(
        label=_("Excuse"),
        source=[R.PLANNED, R.MISSED],
        target=R.EXCUSED,
        allow=COMMUNITY,
        event="service.excused",
        backward=True,
    )
    def excuse(self):
        """It was not to be done: storm, works on site. It counts neither as kept nor as missed."""

    @step(
        label=_("Leave out"), source=[R.PLANNED], target=R.EXCUSED, allow=SYSTEM, event="service.left_out", quiet=True
    )
    def leave_out(self):
        """Another edition of the list came into force before its time."""
