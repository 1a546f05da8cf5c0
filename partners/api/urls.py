"""Addresses of community partners under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from partners.api import ledger, surveys, surveys_mine

router = SimpleRouter()
router.register("points/accounts", ledger.AccountViewSet)
router.register("surveys", surveys.SurveyViewSet)
router.register("survey-sheets", surveys.SheetViewSet)
router.register("survey-templates", surveys.SurveyTemplateViewSet)

urlpatterns = [
    path("me/surveys/", surveys_mine.OwnSurveysView.as_view(), name="own-surveys"),
    path("me/surveys/<str:code>/", surveys_mine.OwnSurveyView.as_view(), name="own-survey"),
    path("me/surveys/<str:code>/answers/", surveys_mine.OwnAnswersView.as_view(), name="own-survey-answers"),
    path("me/surveys/<str:code>/results/", surveys_mine.OwnResultsView.as_view(), name="own-survey-results"),
    path("", include(router.urls)),
]
