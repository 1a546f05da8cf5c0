"""Names and phones of residents and owners: in clear for the community and administrators of the area only."""

import pytest

from governance.models import Ownership, Residency, User
from governance.registry.tests.doors import API, api, api_url, browser, list_of, page_of

NAME, PHONE = "李大海", "+99900004321"
CLEAR = ["community_staff", "administrator"]
NOTHING = ["operations_centre", "registrar", "dispatcher", "handler", "supervisor"]


@pytest.fixture
def told(registry):
    """A residency and an ownership of the same person, confirmed after a claim with a note that names them."""
    user = registry.user("resident")
    User.objects.filter(pk=user.pk).update(name=NAME, phone=PHONE)
    user.refresh_from_db()
    return [
        registry.claim(model, actor=user, note=f"我是{NAME}", **given)
        for model, given in ((Residency, {}), (Ownership, {"owner_phone": PHONE}))
    ]


def pages(user, ties) -> str:
    """Everything both doors tell ``user`` about the rows."""
    answers = [browser(user).get(page_of(tie)) for tie in ties]
    answers += [browser(user).get(list_of(name)) for name in ("residency", "ownership")]
    answers += [api(user).get(f"{API}{name}/") for name in ("residencies", "ownerships")]
    answers += [api(user).get(api_url(tie)) for tie in ties]
    answers += [browser(user).get(page_of(tie).replace("change", "history")) for tie in ties]
    answers += [browser(user).get("/admin/")]
    answers += [browser(user).post(list_of(name) + "export/", {"format": "csv"}) for name in ("residency", "ownership")]
    return " ".join(answer.getvalue().decode() for answer in answers)


@pytest.mark.parametrize("role", CLEAR)
def test_those_who_verify_read_them(registry, told, role):
    text = pages(registry.user(role), told)
    assert NAME in text and PHONE in text


def test_a_grid_worker_sees_that_somebody_lives_there_and_not_who(registry, told):
    text = pages(registry.user("grid_worker"), told)
    assert NAME not in text and PHONE not in text
    assert "李**" in text and "+99****4321" in text and "gy-3-2-501" in text


@pytest.mark.parametrize("role", NOTHING)
def test_other_roles_and_people_elsewhere_see_nothing(registry, told, role):
    people = [registry.user(role), registry.city.outsider(role), *map(registry.city.outsider, CLEAR)]
    for user in people:
        text = pages(user, told)
        assert NAME not in text and PHONE not in text and "李**" not in text and "gy-3-2-501" not in text


def test_a_search_that_finds_tells_so_names_are_searched_by_their_readers_only(registry, told):
    found = {}
    for role in ("grid_worker", "community_staff"):
        for name in ("residency", "ownership"):
            page = browser(registry.user(role)).get(list_of(name), {"q": NAME})
            found[role, name] = len(page.context["cl"].result_list)
            assert len(browser(registry.user(role)).get(list_of(name), {"q": "501"}).context["cl"].result_list) == 1
    assert set(found.values()) == {0, 1}
    assert all(count == (role == "community_staff") for (role, _name), count in found.items())


def test_a_resident_reads_the_own_name_and_of_co_owners_one_character(registry):
    mine = registry.owner("王明", (1, 2), user=registry.user("resident"))
    registry.owner("赵小兰", (1, 2))
    own = api(registry.user("resident")).get(f"{API}me/dwellings/")
    assert [row["name"] for row in own.json()[0]["co_owners"]] == ["王**", "赵**"]
    assert own.json()[0]["id"] == f"ownership-{mine.pk}" and "赵小兰" not in own.content.decode()
