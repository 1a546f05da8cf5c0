"""The admin site: the skin's, with our own pages only."""

from unfold.sites import UnfoldAdminSite


class JicengAdminSite(UnfoldAdminSite):
    """Registers pages built on ``KernelAdmin`` and passes over those that libraries bring for their own tables.

    Theirs know neither areas nor services: groups, sign-in attempts, tokens and jobs could be changed there without a
    trace, by anybody Django calls a superuser.
    """

    def register(self, model_or_iterable, admin_class=None, **options):
        """Register a page of ours; any other is passed over."""
        if getattr(admin_class, "ours", False):
            super().register(model_or_iterable, admin_class, **options)
