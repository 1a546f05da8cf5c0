"""Who may view and change the rows of devices. Keys are issued and revoked by who may change their device."""

from governance.models.organisation import Role
from governance.permissions import ADMIN_ONLY, STAFF, permit

permit("devices.deviceprofile", view=STAFF, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("devices.profilestatus", view=STAFF, add=ADMIN_ONLY, change=ADMIN_ONLY, delete=ADMIN_ONLY)
permit("devices.profilemetric", view=STAFF, add=ADMIN_ONLY, change=ADMIN_ONLY, delete=ADMIN_ONLY)
permit("devices.profilecommand", view=STAFF, add=ADMIN_ONLY, change=ADMIN_ONLY, delete=ADMIN_ONLY)
permit("devices.profiletrial", view=ADMIN_ONLY)
permit("devices.gateway", view=STAFF - {Role.HANDLER, Role.SUPERVISOR}, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("devices.device", view=STAFF, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("devices.devicekey", view=ADMIN_ONLY)
permit("devices.alarm", view=STAFF)
permit("devices.shelving", view=STAFF)
permit("devices.reading", view=STAFF)
permit("devices.readinghour", view=STAFF)
permit("devices.readingretention", view=STAFF, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("devices.latestvalue", view=STAFF)
permit("devices.deviceclaim", view=STAFF)
permit("devices.devicecommand", view=STAFF)
permit("devices.devicebaseline", view=STAFF)
permit("devices.devicerefusal", view=STAFF)
permit("devices.deviceforecast", view=STAFF)
permit("devices.collectionround", view=STAFF, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("devices.collectionrun", view=STAFF)
permit("devices.collectionstop", view=STAFF)
permit("devices.fillrate", view=STAFF)
