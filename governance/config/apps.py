"""App configuration of the configuration itself: it makes the commands that need every app visible."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class ConfigurationConfig(AppConfig):
    name = "governance.config"
    label = "config"
    verbose_name = _("Configuration")


class OurAdminConfig(AdminConfig):
    """Django's admin on our own site."""

    default_site = "governance.config.admin_site.JicengAdminSite"
