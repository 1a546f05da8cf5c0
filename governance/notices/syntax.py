"""The only filters a notice template may use; there are no tags."""

from django import template
from django.template import defaultfilters

register = template.Library()
register.filter("default", defaultfilters.default)
register.filter("truncatechars", defaultfilters.truncatechars)
register.filter("upper", defaultfilters.upper)
