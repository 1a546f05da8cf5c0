"""Addresses of redemption for members and merchants, under ``/r/``."""

from django.urls import path, re_path

from partners.rewards.pages import members, till

app_name = "residents_rewards"
urlpatterns = [
    path("rewards/", members.shop, name="shop"),
    path("rewards/<int:pk>/", members.reward, name="reward"),
    path("rewards/<int:pk>/picture/", members.picture, name="picture"),
    path("rewards/mine/", members.mine, name="mine"),
    path("rewards/mine/<int:pk>/", members.redemption, name="redemption"),
    path("rewards/mine/<int:pk>/cancel/", members.cancel, name="cancel"),
    path("coupons/", till.till, name="till"),
    re_path(r"^coupons/(?P<code>[0-9A-Za-z-]{1,60})/$", till.code, name="code"),
    re_path(r"^coupons/(?P<code>[0-9A-Za-z-]{1,60})/take/$", till.take, name="take"),
]
