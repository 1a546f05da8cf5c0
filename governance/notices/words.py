"""What notices may say about the kernel's own objects."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.models import NoticeChannel
from governance.notices.contexts import notice_context


@notice_context(
    "governance.noticechannel",
    variables={"channel": _("notice channel"), "kind": _("kind"), "area": _("area")},
    rows=lambda: NoticeChannel.objects.select_related("area").defer("area__boundary"),
)
def channel_words(channel: NoticeChannel, *, public: bool) -> dict:
    """Return the texts of a channel; its address is not among them."""
    return {
        "channel": channel.name,
        "kind": channel.get_kind_display(),
        "area": channel.area.name,
        "url": reverse("admin:governance_noticechannel_change", args=[channel.pk]),
    }
