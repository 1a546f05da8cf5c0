"""App configuration of the configuration itself: it makes the commands that need every app visible."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConfigurationConfig(AppConfig):
    name = "governance.config"
    label = "config"
    verbose_name = _("Configuration")
