"""Addresses of cases under ``/api/v1/``."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from cases.api import mine, patrols, public, text_models, views

# Only characters a token can have reach the database.
TOKEN = r"public/reports/(?P<token>[A-Za-z0-9_-]{16,40})"

router = SimpleRouter()
router.register("cases", views.CaseViewSet)
router.register("categories", views.CategoryViewSet)
router.register("standards", views.StandardViewSet)
router.register("patrols", patrols.PatrolViewSet)
router.register("patrol-routes", patrols.PatrolRouteViewSet)
router.register("text-models", text_models.TextModelViewSet)

urlpatterns = [
    path("me/reports/", mine.OwnReportsView.as_view(), name="own-reports"),
    path("public/reports/", public.ReportsView.as_view(), name="public-reports"),
    re_path(rf"^{TOKEN}/$", public.ReportView.as_view(), name="public-report"),
    re_path(rf"^{TOKEN}/rating/$", public.RatingView.as_view(), name="public-rating"),
    re_path(rf"^{TOKEN}/reopen/$", public.ReopenView.as_view(), name="public-reopen"),
    re_path(
        rf"^{TOKEN}/photos/(?P<photo_id>[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})/$",
        public.ReportPhotoView.as_view(),
        name="public-photo",
    ),
    path("", include(router.urls)),
]
