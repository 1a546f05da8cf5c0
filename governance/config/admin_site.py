"""The admin site: the skin's, with our own pages only."""

from functools import wraps

from django.urls import path, reverse
from unfold.sites import UnfoldAdminSite

from governance.admin.returning import unsaved_tell
from governance.practice.page import practice_page
from governance.search.page import search_page


class JicengAdminSite(UnfoldAdminSite):
    """Registers pages built on ``KernelAdmin`` and passes over those that libraries bring for their own tables.

    Theirs know neither areas nor services: groups, sign-in attempts, tokens and jobs could be changed there without a
    trace, by anybody Django calls a superuser.
    """

    def get_urls(self):
        return [
            path("find/", self.admin_view(self.find), name="find"),
            path("practice/", self.admin_view(self.practice), name="practice"),
            *super().get_urls(),
        ]

    def admin_view(self, view, cacheable=False):
        """Ask for a session; who sent something when theirs was over is told that it was not saved."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def answer(request, *args, **kwargs):
            if request.path != reverse("admin:logout", current_app=self.name):
                unsaved_tell(request)
            return inner(request, *args, **kwargs)

        return answer

    def find(self, request):
        """The search page."""
        return search_page(self, request)

    def practice(self, request):
        """The page of practice packages."""
        return practice_page(request, self)

    def register(self, model_or_iterable, admin_class=None, **options):
        """Register a page of ours; any other is passed over."""
        if getattr(admin_class, "ours", False):
            super().register(model_or_iterable, admin_class, **options)
