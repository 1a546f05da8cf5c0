"""What the pages of joint work share: one template, facts and texts of a row, its history; reading is recorded."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from unfold.decorators import display

from governance.admin.bookings import FormPageMixin
from governance.admin.workflow import WorkflowAdmin
from governance.models import Event
from governance.permissions import RoleBackend
from governance.scoping import Rule, grant_for, visible_q
from governance.templatetags.jiceng import badge
from mediation.access import access_record
from mediation.disputes.querysets import READS
from mediation.joint.looks import tone_of

# Steps whose forms start with the words of the row.
STARTS_WITH_WORDS = ("amend", "correct")


def read_recorded(request, row) -> None:
    """Write down that somebody read a row of a dispute, in the role by which it is theirs to read."""
    grant = grant_for(type(row).objects.none().VISIBLE, row, request.user)
    what = f"{row._meta.label_lower} {row.pk}"
    access_record(row.dispute, actor=request.user, what=what, role=grant.role if grant else "")


def trail_of(row) -> list[Event]:
    """Return what happened to a row, newest first."""
    rows = Event.objects.filter(subject_type=row._meta.label_lower, subject_id=row.pk)
    return list(rows.select_related("actor", "unit", "remark").order_by("-id")[:100])


class MakesRows(FormPageMixin):
    """Gives a list the page on which its rows are made: ``making_form`` is filled in, ``make`` calls the service."""

    making_form = None
    making_title = making_lead = making_button = ""

    def make(self, request, form):
        """Make what the form says and return it."""
        raise NotImplementedError  # pragma: no cover - each admin says how

    def has_add_permission(self, request):
        return RoleBackend().has_perm(request.user, f"{self.opts.app_label}.add_{self.opts.model_name}")

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """The form; the page of a dispute leads here with its number in the address."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = request.POST if request.method == "POST" else None
        initial = {"dispute": request.GET.get("dispute", "")[:20]}
        form = self.making_form(sent, user=request.user, initial=initial)

        def carry_out(form):
            row = self.make(request, form)
            messages.success(request, _("Entered: %(row)s.") % {"row": row})
            return self.page_url(row)

        return self.form_page(
            request, form, title=self.making_title, lead=self.making_lead, button=self.making_button,
            carry_out=carry_out,
        )  # fmt: skip


class JointAdmin(MakesRows, WorkflowAdmin):
    """Base of the lists of joint work. ``facts`` and ``texts`` name attributes shown on the page of a row;
    ``was_for``: whom a row was for while it ran: a notice of it leads them to their list once it is over."""

    page_template = "mediation/joint/page.html"
    facts: tuple = ()
    texts: tuple = ()
    was_for: Rule = {}
    list_filter_submit = True
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        try:
            return super().change_view(request, object_id, form_url, extra_context)
        except Http404:
            row = self._over(request, object_id)
            if row is None:
                raise
            text = _("%(row)s is over (%(state)s): nothing more is asked of your unit.")
            messages.info(request, text % {"row": row, "state": row.get_state_display()})
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def _over(self, request, object_id):
        """Return a row that was for the person's unit and is theirs to read no longer; None of any other."""
        mine = visible_q(self.was_for, request.user) if self.was_for else None
        if mine is None or not str(object_id).isascii() or not str(object_id).isdigit():
            return None
        return self.model.objects.with_rows().filter(mine, pk=int(object_id)).first()

    def form_context(self, request, obj, step):
        """A form that starts with what stands there shows it: that is a reading too."""
        if step.name in STARTS_WITH_WORDS and hasattr(obj, "dispute_id"):
            read_recorded(request, obj)
        return super().form_context(request, obj, step)

    def page(self, request, obj, **more):
        if hasattr(obj, "dispute_id"):
            read_recorded(request, obj)
        return super().page(request, obj, **more)

    def page_context(self, request, obj):
        reads = hasattr(obj, "dispute_id") and grant_for(READS, obj.dispute, request.user) is not None
        return {
            "tone": tone_of(obj),
            "reads": reads,
            "facts": [fact for name in self.facts if (fact := self._told(obj, name)) is not None],
            "texts": [text for name in self.texts if (text := self._told(obj, name)) is not None],
            "trail": trail_of(obj),
        }

    def _told(self, obj, name: str):
        """Return label and value of an attribute, None where there is nothing to tell."""
        field = obj._meta.get_field(name)
        if field.many_to_many:
            value = "、".join(str(row) for row in getattr(obj, name).all())
        elif field.choices:
            value = getattr(obj, f"get_{name}_display")()
        else:
            value = getattr(obj, name)
        if isinstance(value, list):
            value = "、".join(value)
        if isinstance(value, bool):
            value = _("yes") if value else _("no")
        return None if value in (None, "") else (field.verbose_name, value)

    @display(description=gettext_lazy("dispute"), ordering="dispute")
    def dispute_told(self, obj):
        return obj.dispute.number

    @display(description=gettext_lazy("dispute type"))
    def type_told(self, obj):
        return obj.dispute.type

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), tone_of(obj))
