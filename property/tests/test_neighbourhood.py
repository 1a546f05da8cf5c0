"""The estate the other tests stand on."""

from governance.models import Dwelling, Ownership


def test_the_neighbourhood_has_one_voter_for_each_dwelling(neighbourhood):
    homes = Dwelling.objects.filter(building__estate=neighbourhood.estate)
    assert homes.count() == 8
    assert Ownership.objects.filter(dwelling__in=homes, is_voter=True).count() == 8
    assert neighbourhood.city.user("party_secretary") != neighbourhood.city.outsider("party_secretary")
