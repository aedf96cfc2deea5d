"""Which organization a free text names."""

from __future__ import annotations

import pytest

from partnerhub.identity.spotting import Base, Known, spot
from partnerhub.identity.spotting.card import shipped_card
from partnerhub.identity.spotting.names import names_in
from partnerhub.identity.spotting.reading import read_text

COUNTRIES = {"china": "CN", "germany": "DE", "poland": "PL", "france": "FR", "japan": "JP"}


def country_of(text: str) -> str | None:
    return COUNTRIES.get(text.casefold())


def base_of(*organizations: Known) -> Base:
    """The given ones among sixty others, so that words have a rarity."""
    others = [
        Known(f"o{n}", [f"{kind} of {town}"], [town], ["PL"])
        for n, town in enumerate(["Radomsk", "Lubinek", "Tarnowo", "Opolno", "Gdowsk", "Zamoscie"] * 2)
        for kind in ("University", "Museum", "Institute", "Chamber of Commerce", "Hospital")[n % 2 :: 2]
    ]
    return Base([*organizations, *others], country_of)


VELTHEIM = Known("veltheim", ["Universität Veltheim", "Veltheim University"], ["Veltheim"], ["DE"])


def verdict(text: str, *organizations: Known) -> tuple[str, str | None]:
    answer = spot(text, base_of(*organizations))
    return answer.verdict, answer.organization_id


def test_a_department_line_means_the_organization_it_ends_with() -> None:
    text = "Department of Physics, Veltheim University, Veltheim, Germany"
    assert verdict(text, VELTHEIM) == ("one", "veltheim")


@pytest.mark.parametrize("name", ["University of Veltheim", "Université de Veltheim", "Uniwersytet Veltheim"])
def test_a_name_is_found_in_any_language(name: str) -> None:
    assert verdict(f"Faculty of Law, {name}, Veltheim, Germany", VELTHEIM) == ("one", "veltheim")


def test_the_answer_says_why_in_words() -> None:
    first = spot("Veltheim University, Veltheim, Germany", base_of(VELTHEIM)).candidates[0]
    assert first.said == "veltheim university"
    assert first.reasons == (
        "“veltheim university” is its name word for word",
        "the text tells its country",
        "the text tells its city",
    )


def test_a_name_that_goes_on_is_another_organization() -> None:
    text = "Veltheim University of Applied Arts, Germany"
    assert verdict(text, VELTHEIM)[0] != "one"


def test_the_hospital_of_a_university_is_not_the_university() -> None:
    assert verdict("Veltheim University Hospital, Germany", VELTHEIM)[0] != "one"
    hospital = Known("hospital", ["Veltheim University Hospital"], ["Veltheim"], ["DE"])
    assert (
        spot("Veltheim University Hospital, Germany", base_of(VELTHEIM, hospital)).candidates[0][0]
        == "hospital"
    )


def test_nothing_but_the_exact_name_is_enough_in_a_base_of_one() -> None:
    base = Base([Known("brightwater", ["Brightwater Energy GmbH"], ["Dresden"], ["DE"])], country_of)
    assert spot("Brightwater Energy", base).organization_id == "brightwater"
    assert spot("BRIGHTWATER ENERGY GmbH, Dresden, Germany", base).organization_id == "brightwater"
    assert spot("Brightwater Energy, Paris, France", base).organization_id is None
    assert spot("Brightwater", base).organization_id is None


def test_another_country_denies() -> None:
    told = spot("Veltheim University, Japan", base_of(VELTHEIM)).candidates[0]
    silent = spot("Veltheim University", base_of(VELTHEIM)).candidates[0]
    assert told.chance < silent.chance
    assert "the text tells another country" in told.reasons


def test_what_two_organizations_are_called_waits_for_a_person() -> None:
    twins = [Known(f"twin {n}", ["Northgate Institute"]) for n in (1, 2)]
    answer = spot("Northgate Institute", base_of(*twins))
    assert answer.verdict == "several"
    assert {each.organization_id for each in answer.candidates} == {"twin 1", "twin 2"}
    assert all(each.chance < shipped_card().attach for each in answer.candidates)


def test_a_name_of_general_words_alone_attaches_to_nobody() -> None:
    museum = Known("museum", ["Natural History Museum"], ["Veltheim"], ["DE"])
    assert verdict("Department of Earth Sciences, Natural History Museum", museum)[0] != "one"


@pytest.mark.parametrize("text", ["", "   ", "., ;", "Quarterly review of the roadmap", "12 34"])
def test_a_text_that_names_nobody_answers_none(text: str) -> None:
    assert verdict(text, VELTHEIM) == ("none", None)


def test_words_from_the_middle_of_one_segment_into_another_attach_nothing() -> None:
    agency = Known("agency", ["Technology Veltheim"], ["Veltheim"], ["DE"])
    assert verdict("School of Technology, Veltheim, Germany", agency)[0] != "one"
    reading = read_text("School of Technology, Veltheim Park, Germany", country_of)
    assert names_in(reading, Base([agency], country_of)) == []


def test_two_letters_behind_a_city_are_no_country() -> None:
    def reads_codes(text: str) -> str | None:
        return {"ca": "CA", "usa": "US"}.get(text.casefold())

    assert read_text("Davis, CA, USA", reads_codes).countries == {"US"}


def test_the_same_text_gives_the_same_answer_whatever_the_order_of_the_base() -> None:
    twins = [Known(f"twin {n}", ["Northgate Institute"]) for n in (1, 2)]
    assert spot("Northgate Institute", base_of(*twins)) == spot(
        "Northgate Institute", base_of(*reversed(twins))
    )
