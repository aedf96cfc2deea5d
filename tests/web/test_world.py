"""Where places are, from the files that come with the hub."""

from __future__ import annotations

import pytest

from partnerhub.web.world import point_of, projected, view_of


@pytest.mark.parametrize(
    ("country", "city", "region", "near"),
    [
        ("DE", "Nürnberg", None, (49.45, 11.08)),
        ("DE", "Nuremberg", None, (49.45, 11.08)),
        ("NL", "Den Haag", None, (52.08, 4.3)),
        ("JP", "東京", None, (35.69, 139.69)),
        ("US", "Springfield", "Illinois", (39.8, -89.64)),
        ("DE", "Frankfurt am Main (Höchst)", None, (50.12, 8.68)),
    ],
)
def test_a_town_is_found_by_any_of_its_names(country, city, region, near):
    found = point_of(country, city, region)
    assert found is not None
    assert (found.latitude, found.longitude, found.how) == (*near, "city")


@pytest.mark.parametrize("city", ["Springfield", "Nowhere-upon-Sea", None])
def test_a_town_of_which_there_are_several_or_none_stands_in_the_middle_of_its_country(city):
    found = point_of("US", city)
    assert found is not None
    assert found.how == "country"


@pytest.mark.parametrize("country", [None, "", "XX", "../DE"])
def test_without_a_country_there_is_no_point(country):
    assert point_of(country, "Berlin") is None


def test_a_view_shows_every_place_and_stays_on_the_map():
    places = [projected(35.7, 139.7), projected(-33.9, -178.0)]
    view = view_of(places, 30)
    assert all(view.x <= x <= view.x + view.width and view.y <= y <= view.y + view.height for x, y in places)
    assert view_of([projected(53.8, -1.5)], 30).width == 30
