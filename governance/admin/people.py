"""Admin of people: accounts, passwords; phones are masked in lists."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm
from unfold.widgets import UnfoldAdminPasswordWidget

from governance.admin.base import KernelAdmin, refusal_page
from governance.configuration import configuration_save
from governance.errors import Refused
from governance.masking import masked_phone
from governance.models import User
from governance.people import people_in_reach

NEW = {"autocomplete": "new-password"}


class NewUserForm(forms.ModelForm):
    """A new account with its first password, typed twice and checked against the password rules."""

    password1 = forms.CharField(label=gettext_lazy("Password"), strip=False, widget=UnfoldAdminPasswordWidget(NEW))
    password2 = forms.CharField(
        label=gettext_lazy("Password again"), strip=False, widget=UnfoldAdminPasswordWidget(NEW)
    )

    class Meta:
        model = User
        fields = ["username", "name", "phone", "is_staff"]

    def _post_clean(self):
        super()._post_clean()
        rules = AdminPasswordChangeForm(
            self.instance, {name: self.data.get(name, "") for name in ("password1", "password2")}
        )
        if rules.is_valid():
            self.instance.set_password(self.cleaned_data["password1"])
        for name in ("password1", "password2"):
            for error in rules.errors.get(name, []):
                if name not in self.errors:
                    self.add_error(name, error)


@admin.register(User)
class UserAdmin(KernelAdmin):
    """Accounts of people. An administrator reaches those appointed in the own area, and staff not yet appointed."""

    list_display = ["username", "name", "phone_masked", "posts", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_active"]
    list_filter_submit = True
    search_fields = ["username", "name", "phone"]
    change_form_outer_before_template = "governance/admin/user_links.html"
    fields = ["username", "name", "phone", "is_staff", "is_active", "is_superuser", "last_login", "date_joined"]
    add_fieldsets = [(None, {"fields": ["username", "name", "phone", "is_staff", "password1", "password2"]})]
    readonly_fields = ["last_login", "date_joined"]

    def get_queryset(self, request):
        return people_in_reach(request.user).order_by("username").prefetch_related("appointments__unit")

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is None:
            kwargs["form"] = NewUserForm
        return super().get_form(request, obj, change, **kwargs)

    def get_readonly_fields(self, request, obj=None):
        extra = [] if request.user.is_superuser else ["is_superuser"]
        return [*self.readonly_fields, *extra] if obj else []

    @display(description=gettext_lazy("phone"))
    def phone_masked(self, obj):
        return masked_phone(obj.phone)

    @display(description=gettext_lazy("posts"))
    def posts(self, obj):
        return "、".join(f"{row.get_role_display()}（{row.unit}）" for row in obj.appointments.all())

    def get_urls(self):
        view = self.admin_site.admin_view(self.password_view)
        return [path("<int:object_id>/password/", view, name="governance_user_password"), *super().get_urls()]

    @method_decorator(sensitive_post_parameters())
    @method_decorator(csrf_protect)
    def password_view(self, request, object_id):
        """Set a new password for somebody; their open sessions end."""
        person = self.get_queryset(request).filter(pk=object_id).first()
        if person is None:
            raise Http404
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        back = reverse("admin:governance_user_change", args=[object_id])
        form = AdminPasswordChangeForm(person, request.POST or None)
        form.fields.pop("usable_password", None)
        if request.method == "POST" and form.is_valid():
            person.set_password(form.cleaned_data["password1"])
            try:
                configuration_save(person, actor=request.user, changed=["password"])
            except Refused as error:
                return refusal_page(self, request, error, back=back)
            messages.success(request, _("The password of %(name)s was changed.") % {"name": person})
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Set a new password"),
            "subtitle": str(person),
            "opts": self.opts,
            "form": form,
            "back": back,
        }
        return TemplateResponse(request, "governance/admin/password_form.html", context)
