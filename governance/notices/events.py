"""Names of what happens to channels and to people's choices."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "notice_channel.failed": _("A channel of notices fails"),
    "notice_channel.tested": _("A channel of notices was tried"),
    "notice_channel.retried": _("A message is sent once more"),
    "notice_preference.changed": _("Choices about notices changed"),
}.items():
    register(name, label)
