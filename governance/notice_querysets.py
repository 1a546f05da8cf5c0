"""Reads of notices, the rules behind them and their delivery; every list starts from ``visible_to(user)``."""

from django.db import models
from django.db.models import Q

from governance.models.organisation import Role
from governance.scoping import InArea, Own, ScopedQuerySet


class NoticeQuerySet(ScopedQuerySet):
    """Everybody signed in is also a resident, and a notice is its person's own."""

    VISIBLE = {Role.RESIDENT: Own("person")}

    def unread(self):
        """Notices the person has not opened yet."""
        return self.filter(read_at=None)


class TemplateQuerySet(models.QuerySet):
    def get_by_natural_key(self, key, language):
        return self.get(key=key, language=language)


class RuleQuerySet(models.QuerySet):
    def get_by_natural_key(self, code):
        return self.get(code=code)


class ChannelQuerySet(ScopedQuerySet):
    """Channels are for administrators of the area they serve."""

    VISIBLE = {Role.ADMINISTRATOR: InArea()}

    def get_by_natural_key(self, code):
        return self.get(code=code)


class DeliveryQuerySet(ScopedQuerySet):
    """Who sees a channel sees what it was given to send."""

    VISIBLE = {Role.ADMINISTRATOR: InArea("channel__area")}

    def due(self, at):
        """Messages whose time has come, those included whose sender fell silent."""
        return self.filter(Q(next_try_at__lte=at), state__in=self.model.OPEN)
