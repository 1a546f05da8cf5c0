"""A person's own notices: the list behind the bell, and choices about them."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST, require_safe

from governance import events
from governance.admin.base import ReadOnlyAdmin
from governance.errors import Invalid
from governance.models import Notice
from governance.models.notice import LANGUAGES, Reach
from governance.notices.services import choosable, notice_read, notices_read, preference_of, preference_save
from governance.templatetags.notices import unread_text

SHOWN = 30
LIST = "admin:governance_notice_changelist"
TIME = {"type": "time"}


class PreferenceForm(forms.Form):
    """A person's choices: language and quiet hours, then one choice for each group of events and each rule."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)
    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet hours of the phone: from"), required=False, widget=forms.TimeInput(TIME, "%H:%M")
    )
    quiet_to = forms.TimeField(
        label=gettext_lazy("Quiet hours of the phone: until"),
        required=False,
        widget=forms.TimeInput(TIME, "%H:%M"),
        help_text=gettext_lazy("Leave both empty for none. Messages to the phone wait until the quiet hours end."),
    )
    urgent_any_time = forms.BooleanField(label=gettext_lazy("Urgent notices also in quiet hours"), required=False)

    def __init__(self, data=None, *, preference):
        names = ("language", "quiet_from", "quiet_to", "urgent_any_time")
        initial = {name: getattr(preference, name) for name in names}
        super().__init__(data, initial=initial)
        self.keys = {}
        for number, (name, rules) in enumerate(choosable(preference.person).items()):
            field = f"choice_{number}"
            self.keys[field] = name
            self.fields[field] = self._choice(name, rules)
            self.initial[field] = preference.choices.get(name, "")

    def _choice(self, name, rules):
        if name.startswith("rule:"):
            label, empty = rules[0].name, _("As for all of its kind")
        else:
            kinds = dict.fromkeys(str(events.label_of(rule.event)) for rule in rules)
            label, empty = _("All about: %(events)s") % {"events": "、".join(kinds)}, _("As the rules say")
        return forms.ChoiceField(label=label, choices=[("", empty), *Reach.choices], required=False)

    def parts(self) -> list:
        """Return the fields in two parts: those for everything, and those for single rules."""
        of_rules = [field for field, name in self.keys.items() if name.startswith("rule:")]
        return [[self[name] for name in self.fields if (name in of_rules) is single] for single in (False, True)]

    def arguments(self) -> dict:
        """Return what ``preference_save`` wants."""
        cleaned = dict(self.cleaned_data)
        choices = {name: cleaned.pop(field) for field, name in self.keys.items()}
        return cleaned | {"choices": {name: reach for name, reach in choices.items() if reach}}


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """Everybody's own notices; nobody sees another person's here."""

    fields = ["title", "body", "urgency", "created_at", "read_at"]

    def get_urls(self):
        pages = [
            ("unread/", self.unread_view, "unread"),
            ("read-all/", self.read_all_view, "read_all"),
            ("preferences/", self.preferences_view, "preferences"),
            ("<int:notice_id>/open/", self.open_view, "open"),
        ]
        own = [
            path(route, self.admin_site.admin_view(view), name=f"governance_notice_{name}")
            for route, view, name in pages
        ]
        return [*own, *super().get_urls()]

    @method_decorator(require_safe)
    def changelist_view(self, request, extra_context=None):
        """My notices, newest first; ``?unread=1`` those not read, ``?before=<id>`` older ones."""
        self._asked(request)
        rows = self.get_queryset(request).order_by("-id")
        only_unread = request.GET.get("unread") == "1"
        if only_unread:
            rows = rows.unread()
        if (before := request.GET.get("before", "")).isdecimal() and len(before) < 19:
            rows = rows.filter(pk__lt=int(before))
        found = list(rows[: SHOWN + 1])
        context = {
            **self.admin_site.each_context(request),
            "title": _("My notices"),
            "opts": self.opts,
            "notices": found[:SHOWN],
            "older": found[SHOWN - 1].pk if len(found) > SHOWN else None,
            "only_unread": only_unread,
        }
        return TemplateResponse(request, "governance/admin/notices.html", context)

    @method_decorator(require_safe)
    def unread_view(self, request):
        """The figure on the bell, for a page that is open."""
        self._asked(request)
        return JsonResponse({"unread": unread_text(request.user)})

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def open_view(self, request, notice_id):
        """Mark as read, and go to the page it speaks of (with ``stay``: back to the list)."""
        self._asked(request)
        notice = self.get_queryset(request).filter(pk=notice_id).first()
        if notice is None:
            raise Http404
        notice_read(notice, actor=request.user)
        ours = notice.url and url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None)
        there = notice.url if ours and "stay" not in request.POST else reverse(LIST)
        return HttpResponseRedirect(there)

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def read_all_view(self, request):
        """Mark all as read."""
        self._asked(request)
        notices_read(actor=request.user)
        return HttpResponseRedirect(reverse(LIST))

    @method_decorator(csrf_protect)
    def preferences_view(self, request):
        """Choices about notices."""
        self._asked(request)
        form = PreferenceForm(request.POST or None, preference=preference_of(request.user))
        if request.method == "POST" and form.is_valid():
            try:
                preference_save(actor=request.user, **form.arguments())
            except Invalid as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.detail))
            else:
                messages.success(request, _("Your choices were kept."))
                return HttpResponseRedirect(request.path)
        context = {**self.admin_site.each_context(request), "title": _("Notice preferences"), "opts": self.opts,
                   "form": form, "parts": form.parts(), "back": reverse(LIST)}  # fmt: skip
        return TemplateResponse(request, "governance/admin/notice_preferences.html", context)

    def _asked(self, request) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied
