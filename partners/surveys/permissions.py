"""Who may view and change what belongs to questionnaires. Transitions carry their own rule."""

from governance.permissions import permit
from partners.surveys.querysets import ASKING_ROLES, LOOKING_ROLES, RUNNING_ROLES

RUNNERS = frozenset(RUNNING_ROLES)
READERS = frozenset([*RUNNING_ROLES, *LOOKING_ROLES])
CONCERNED = READERS | frozenset(ASKING_ROLES)

permit("partners.survey", view=CONCERNED, add=RUNNERS)
permit("partners.surveyanswersheet", view=CONCERNED)
permit("partners.surveymark", view=READERS)
# Questions and answers are parts of theirs; templates are shipped and chosen from.
for name in ("surveyquestion", "surveyanswer", "surveytemplate"):
    permit(f"partners.{name}", view=READERS)
