"""Who may view and change what decides about notices, and which areas the rows touch."""

from governance.configuration import lies_in
from governance.models import Delivery, NoticeChannel, NoticeTemplate
from governance.permissions import ADMIN_ONLY, STAFF, permit

permit("governance.notice", view=STAFF)
for name in ("noticetemplate", "noticerule", "noticechannel"):
    permit(f"governance.{name}", view=ADMIN_ONLY, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("governance.delivery", view=ADMIN_ONLY, change=ADMIN_ONLY)


def places_of_template(_template: NoticeTemplate) -> list:
    """Templates hold for the whole city."""
    return []


def places_of_channel(channel: NoticeChannel) -> list:
    """A channel touches the area it serves and that of its unit."""
    return [channel.area, channel.unit.area] if channel.unit else [channel.area]


def places_of_delivery(delivery: Delivery) -> list:
    """A message lies where its channel does."""
    return places_of_channel(delivery.channel)


lies_in("governance.noticetemplate", places_of_template)
lies_in("governance.noticechannel", places_of_channel)
lies_in("governance.delivery", places_of_delivery)
