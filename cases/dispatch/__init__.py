"""The dispatch hub: who gets a case, within which limit, and why.

Asked in this order, each in a file of its own: an explicit rule (``by_rule``), what opened it (``by_origin``), the
filing standard (``by_standard``), the text (``by_text``), a dispatcher (the review queue). The hub never guesses: what
no step answers for certain waits for a person. Every answer keeps its reason and its runner-up.
"""

from cases.dispatch.hub import plan_for, standing_of
from cases.dispatch.plans import REVIEW_REASONS, Plan, Unresolved
from cases.dispatch.units import resolve_units

__all__ = ["REVIEW_REASONS", "Plan", "Unresolved", "plan_for", "resolve_units", "standing_of"]
