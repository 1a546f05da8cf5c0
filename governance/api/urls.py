"""Addresses of the kernel under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from governance.api import views

router = SimpleRouter()
router.register("areas", views.AreaViewSet)
router.register("units", views.UnitViewSet)

urlpatterns = [
    path("me/", views.MeView.as_view()),
    path("", include(router.urls)),
]
