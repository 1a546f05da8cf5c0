"""Respected locals (乡贤) who help to mediate: the register, and invitations to one dispute each."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, User
from governance.workflow import FSMField, WorkflowModel
from mediation.joint.querysets import HelperQuerySet, InvitationQuerySet
from mediation.joint.respected_helper_workflow import HelperSteps, InvitationSteps
from mediation.joint.states import HelperStanding, HelperState, InvitationState
from mediation.models.dispute import Dispute, DisputeType
from mediation.models.joint import OfDisputeMixin


class RespectedHelper(HelperSteps, WorkflowModel):
    """A respected local. ``fields``: types of dispute they help with; ``languages``: also dialects.

    ``interests``: where they have an interest of their own and are not asked. They hold the post of a respected helper,
    by which they read what they are invited to.
    """

    user = models.OneToOneField(User, models.PROTECT, related_name="respected_helper", verbose_name=_("person"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="respected_helpers", verbose_name=_("area"))
    standing = models.CharField(_("why people listen to them"), max_length=12, choices=HelperStanding)
    about = models.CharField(_("about their standing"), max_length=300, blank=True)
    fields = models.ManyToManyField(
        DisputeType, blank=True, related_name="respected_helpers", verbose_name=_("types they help with")
    )
    languages = ArrayField(
        models.CharField(max_length=20), verbose_name=_("languages and dialects"), default=list, blank=True
    )
    interests = models.CharField(_("interests of their own"), max_length=300, blank=True)
    state = FSMField(_("state"), max_length=9, choices=HelperState, default=HelperState.ACTIVE, protected=True)
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("registered by"))
    registered_at = models.DateTimeField(_("registered at"), default=timezone.now)
    left_on = models.DateField(_("left on"), null=True, blank=True)

    objects = HelperQuerySet.as_manager()

    class Meta:
        verbose_name = _("respected local")
        verbose_name_plural = _("respected locals")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(
            name="helper_left_whole", condition=~Q(state="left") | Q(left_on__isnull=False)
        )]  # fmt: skip

    def __str__(self):
        return self.user.name


class HelperInvitation(OfDisputeMixin, InvitationSteps, WorkflowModel):
    """An invitation of a respected local to help with one dispute (人民调解法 20).

    ``summary``: all they are told of it. ``until``: the last day on which they read it. ``no_conflict_at``: when they
    declared that they have no interest of their own in it. ``thanked_at``: when the hours were entered.
    """

    LOCK_WITH = ("dispute__area", "helper__user")

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="helper_invitations", verbose_name=_("dispute"))
    helper = models.ForeignKey(
        RespectedHelper, models.PROTECT, related_name="helper_invitations", verbose_name=_("respected local")
    )
    summary = models.TextField(_("what the helper is told"), max_length=2000)
    until = models.DateField(_("readable until"))
    state = FSMField(
        _("state"), max_length=9, choices=InvitationState, default=InvitationState.PROPOSED, protected=True
    )
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    proposed_at = models.DateTimeField(_("helper proposed at"), default=timezone.now)
    invited_at = models.DateTimeField(_("helper invited at"), null=True, blank=True)
    no_conflict_at = models.DateTimeField(_("declared no conflict of interest at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    hours = models.DecimalField(
        _("hours given"), max_digits=5, decimal_places=1, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(200)],
    )  # fmt: skip
    thanks = models.CharField(_("words of thanks"), max_length=300, blank=True)
    thanked_at = models.DateTimeField(_("thanked at"), null=True, blank=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation of a respected local")
        verbose_name_plural = _("invitations of respected locals")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute", "helper"], condition=Q(state__in=["proposed", "invited", "accepted"]),
                name="helper_invited_once",
            ),
            models.CheckConstraint(
                name="helper_accepted_whole", condition=~Q(state="accepted") | Q(no_conflict_at__isnull=False)
            ),
            models.CheckConstraint(
                name="helper_thanked_whole",
                condition=~Q(state="thanked") | Q(no_conflict_at__isnull=False, hours__isnull=False, hours__gte=0),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["until"], name="helper_invited_until", condition=Q(state__in=[
            "invited", "accepted"]))]  # fmt: skip

    def __str__(self):
        return f"{self.dispute.number} {self.helper}"
