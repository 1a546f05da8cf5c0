"""Names of what happens to questionnaires. Payloads hold ids, codes and figures; nothing of what somebody answered."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "survey.made": _("Questionnaire drafted"),
    "survey.changed": _("Questionnaire changed"),
    "survey.question_added": _("Question added"),
    "survey.question_changed": _("Question changed"),
    "survey.question_branched": _("When a question is asked was changed"),
    "survey.question_moved": _("Question moved"),
    "survey.question_dropped": _("Question dropped"),
    "survey.questions_set": _("All questions set"),
    "survey.scheduled": _("Questionnaire ready, opens by itself"),
    "survey.recalled": _("Questionnaire back to the draft"),
    "survey.opened": _("Questionnaire opened"),
    "survey.not_opened": _("Questionnaire could not open by itself"),
    "survey.extended": _("Closing time of the questionnaire changed"),
    "survey.reminded": _("Questionnaire called to mind"),
    "survey.answered": _("Questionnaire answered"),
    "survey.entered": _("Answers of somebody entered"),
    "survey.closed": _("Questionnaire closed"),
    "survey.need_made": _("Answer made a need"),
    "survey.published": _("Results of the questionnaire published"),
    "survey.withdrawn": _("Questionnaire withdrawn"),
}.items():
    register(name, label)
