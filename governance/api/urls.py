"""Addresses of the kernel under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from governance.api import calendar_links, imports, notices, practice, search, signin, venues, views

router = SimpleRouter()
router.register("areas", views.AreaViewSet)
router.register("units", views.UnitViewSet)
router.register("venues", venues.VenueViewSet)
router.register("bookings", venues.BookingViewSet)
router.register("booking-series", venues.SeriesViewSet)
router.register("me/calendar-feeds", calendar_links.FeedViewSet)
router.register("imports", imports.ImportViewSet)

urlpatterns = [
    path("me/", views.MeView.as_view()),
    path("me/notices/", notices.NoticesView.as_view()),
    path("me/notices/read-all/", notices.NoticesReadView.as_view()),
    path("me/notices/<int:notice_id>/read/", notices.NoticeReadView.as_view()),
    path("me/notice-preferences/", notices.NoticePreferencesView.as_view()),
    path("search/", search.SearchView.as_view()),
    path("practice/", practice.PracticeView.as_view()),
    path("practice/check/", practice.PracticeCheckView.as_view()),
    path("practice/import/", practice.PracticeImportView.as_view()),
    path("auth/", signin.WhoView.as_view()),
    path("auth/code/", signin.CodeView.as_view()),
    path("auth/sign-in/", signin.SignInView.as_view()),
    path("auth/wechat/", signin.WeChatView.as_view()),
    path("auth/sign-out/", signin.SignOutView.as_view()),
    path("auth/sessions/", signin.SessionsView.as_view()),
    path("auth/sessions/end-others/", signin.EndOthersView.as_view()),
    path("auth/sessions/<int:session_id>/end/", signin.EndSessionView.as_view()),
    path("", include("governance.api.registry.urls")),
    path("", include(router.urls)),
]
