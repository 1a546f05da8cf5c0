"""Pictures of rewards; and a unit's account in the shop."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from partners.rewards.offering import picture_of

pytestmark = pytest.mark.django_db


def a_file(name: str = "rice.png") -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/png")


def test_a_picture_comes_with_the_plan_and_members_see_it(shop):
    staff, member = Client(), Client()
    staff.force_login(shop.manager)
    member.force_login(shop.user("lawyer"))
    rice = shop.step(shop.reward("rice"), "pause")
    plan = {"title": "大米", "cost": 20, "pickup_place": "服务台", "keep_days": 7, "per": "month", "audience": "all"}
    address = reverse("admin:partners_reward_transition", args=[rice.pk, "plan"])
    assert staff.post(address, plan | {"photos": a_file()}).status_code == 302
    shop.step(rice, "offer")
    assert picture_of(rice).content_type.startswith("image/")
    picture = reverse("residents_rewards:picture", args=[rice.pk])
    assert picture in member.get(reverse("residents_rewards:shop")).content.decode()
    assert picture in member.get(reverse("residents_rewards:reward", args=[rice.pk])).content.decode()
    assert member.get(picture)["Content-Type"].startswith("image/")
    assert member.get(reverse("residents_rewards:picture", args=[shop.reward("ten").pk])).status_code == 404
    stranger = Client()
    stranger.force_login(shop.user("stranger"))
    assert stranger.get(picture).status_code == 404


def test_whoever_acts_for_a_unit_redeems_its_points(shop):
    baker = Client()
    baker.force_login(shop.user("baker"))
    account = shop.bank.account("bakery")
    page = baker.get(reverse("residents_rewards:shop")).content.decode()
    assert "麦香面包房" in page
    address = reverse("residents_rewards:reward", args=[shop.reward("ten").pk])
    made = baker.post(address, {"key": "k", "account": account.pk, "cost": "10"})
    assert made.status_code == 302 and baker.get(made["Location"]).status_code == 200
    # the form names an account that is not theirs: nothing is spent, of the own one neither
    other = baker.post(address, {"key": "k2", "account": shop.bank.account("lawyer").pk})
    assert other.status_code == 404
    assert shop.rewards["ten"].redemptions.filter(account=account).count() == 1
