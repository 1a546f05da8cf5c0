"""Addresses of cases under ``/api/v1/``."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from cases.api import (
    hotspots,
    intake,
    mine,
    overview,
    patrols,
    public,
    rules,
    scenes,
    scores,
    text_models,
    views,
)

# Only characters a token can have reach the database.
TOKEN = r"public/reports/(?P<token>[A-Za-z0-9_-]{16,40})"

router = SimpleRouter()
router.register("cases", views.CaseViewSet)
router.register("categories", views.CategoryViewSet)
router.register("standards", views.StandardViewSet)
router.register("scenes", scenes.SceneViewSet)
router.register("dispatch-rules", rules.DispatchRuleViewSet)
router.register("patrols", patrols.PatrolViewSet)
router.register("patrol-routes", patrols.PatrolRouteViewSet)
router.register("scores/formulas", scores.FormulaViewSet)
router.register("scores/periods", scores.PeriodViewSet)
router.register("scores/lines", scores.LineViewSet)
router.register("scores/appeals", scores.ScoreAppealViewSet)
router.register("intake-sources", intake.SourceViewSet)
router.register("dead-letters", intake.DeadLetterViewSet)
router.register("patrol-plans", patrols.PatrolPlanViewSet)
router.register("hotspots", hotspots.HotSpotViewSet, basename="hotspot")
router.register("hotspot-signals", hotspots.HotSpotSignalViewSet)
router.register("text-models", text_models.TextModelViewSet)

urlpatterns = [
    path("overview/", overview.OverviewView.as_view(), name="overview"),
    path("me/reports/", mine.OwnReportsView.as_view(), name="own-reports"),
    re_path(r"^intake/(?P<code>[a-z0-9][a-z0-9_-]{0,29})/$", intake.IntakeView.as_view(), name="intake"),
    path("public/reports/", public.ReportsView.as_view(), name="public-reports"),
    re_path(rf"^{TOKEN}/$", public.ReportView.as_view(), name="public-report"),
    re_path(rf"^{TOKEN}/rating/$", public.RatingView.as_view(), name="public-rating"),
    re_path(rf"^{TOKEN}/reopen/$", public.ReopenView.as_view(), name="public-reopen"),
    re_path(
        rf"^{TOKEN}/photos/(?P<photo_id>[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})/$",
        public.ReportPhotoView.as_view(),
        name="public-photo",
    ),
    path("scores/figures/", scores.FiguresView.as_view(), name="score-figures"),
    path("scores/cases/", scores.FigureCasesView.as_view(), name="score-cases"),
    path("scores/indicators/", scores.IndicatorsView.as_view(), name="score-indicators"),
    path("", include(router.urls)),
]
