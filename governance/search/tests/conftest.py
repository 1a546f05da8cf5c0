"""An estate with a dwelling, its owner and a resident, in the first community of the test city."""

from types import SimpleNamespace

import pytest

from governance.models import Building, Dwelling, Entrance, Estate, User
from governance.registry.services import ownership_enter, residency_enter


@pytest.fixture
def found(city):
    """``estate`` 桂子苑, ``dwelling`` 3栋2单元501 of it, its ``owner`` 欧阳明远, ``resident`` 上官婉 there."""
    estate = Estate.objects.create(code="GZY", name="桂子苑", area=city.community, address="桂子路8号")
    building = Building.objects.create(estate=estate, number="3", area=city.grid)
    entrance = Entrance.objects.create(building=building, number="2")
    dwelling = Dwelling.objects.create(
        code="GZY-3-2-501", building=building, entrance=entrance, number="501", area=city.grid
    )
    resident = User.objects.create_user("r-1", name="上官婉", phone="+99900000778")
    staff = city.user("community_staff")
    owner = ownership_enter(
        actor=staff, dwelling=dwelling, owner_name="欧阳明远", owner_phone="+99900000777", reason="房产证"
    )
    residency = residency_enter(actor=staff, dwelling=dwelling, user=resident, kind="family", reason="登记")
    return SimpleNamespace(
        city=city, estate=estate, dwelling=dwelling, owner=owner, residency=residency, resident=resident
    )
