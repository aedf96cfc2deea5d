"""Names that are one, names that are not, and partners that no list shows."""

from __future__ import annotations

from typing import NamedTuple

from partnerhub.simulator.world.model import Human, Org
from partnerhub.simulator.world.story.stage import Stage

KASSEL = ("Lilienthalstraße 14", "34123", "Kassel", "Hessen", "DE", "+49 561 4417302")
LEEDS = ("9 Wharf Approach", "LS1 4GH", "Leeds", "West Yorkshire", "GB", "+44 113 496 0127")
BASEL = ("Rheinsprung 21", "4051", "Basel", "BS", "CH", "+41 61 263 44 10")
BASEL_NEXT_DOOR = ("Rheinsprung 21", "4051", "Basel", "BS", "CH", "+41 61 263 44 90")
BRISTOL = ("3 Quay Mews", "BS1 5TX", "Bristol", "Bristol", "GB", "+44 117 496 0188")
GDANSK = ("ul. Piwna 8", "80-831", "Gdańsk", "Pomorskie", "PL", "+48 58 320 41 77")


class Lookalikes(NamedTuple):
    """The organizations of this chapter."""

    mueller: Org
    muller_leeds: Org
    halden: Org
    foundation: Org
    consultant: Org
    contact_only: Org


def tell(stage: Stage) -> Lookalikes:
    """Place them all."""
    halden, foundation = company_and_foundation(stage)
    return Lookalikes(
        mueller_logistik(stage),
        muller_logistics(stage),
        halden,
        foundation,
        consultant(stage),
        contact_only(stage),
    )


def mueller_logistik(stage: Stage) -> Org:
    """One haulier in Kassel, spelled three ways in three tools."""
    marta = stage.world.staff["owner-3"]
    org = stage.org("partner", "Müller Logistik GmbH", ["mueller-logistik-kassel.de"], KASSEL, tier="Gold",
                    owner_id=marta.id, partner_type="delivery", registry=("DE-HRB", "HRB 18431"))  # fmt: skip
    jutta = stage.human(org, "Jutta Müller", "j.mueller@mueller-logistik-kassel.de", "Geschäftsführung")
    stage.company(org, days=35)
    account = stage.account(
        org, "Mueller Logistik", days=22, annual_value_minor=9_600_000, street=None, postcode=None
    )
    stage.contact(jutta, account, days=22)
    stage.row(
        org, Company="Mueller Logistik GmbH", Website="www.mueller-logistik-kassel.de", City="Kassel",
        Country="Germany", Contact="Jutta Müller", Status="active", Tier="Gold", Services="Implementation, Support",
        **{"E-Mail": jutta.emails[0], "Partner since": "2023", "Involves referrals": "no"},
    )  # fmt: skip
    asked = stage.mail(
        org, jutta, [marta], "Schnittstelle zur Disposition",
        "Hallo Frau Solano,\n\ndie Schnittstelle läuft seit Montag ohne Fehler. Für die zweite Halle in Kassel brauchen"
        " wir zwölf weitere Zugänge, bitte auf denselben Vertrag.\n\nViele Grüße\nJutta Müller",
        stage.ago(20, 8, 12),
    )  # fmt: skip
    stage.mail(
        org, marta, [jutta], "",
        "Hallo Frau Müller,\n\ndas freut uns. Die zwölf Zugänge sind bestellt, die Rechnung folgt zum Monatsende.\n\n"
        "Viele Grüße\nMarta Solano",
        stage.ago(19, 10, 3), answers=asked,
    )  # fmt: skip
    return org


def muller_logistics(stage: Stage) -> Org:
    """Another haulier of nearly that name, in Leeds: a customer, and no partner."""
    nora = stage.world.staff["owner-1"]
    org = stage.org("customer", "Muller Logistics Ltd", ["mullerlogistics.co.uk"], LEEDS, owner_id="owner-6")
    dan = stage.human(org, "Dan Whitaker", "dan.whitaker@mullerlogistics.co.uk", "Office Manager")
    stage.company(org, days=80)
    stage.mail(
        org, dan, [nora], "VAT number on our invoice",
        "Hello Nora,\n\nour VAT number is missing on the last invoice; our accountant in Leeds sends it back otherwise."
        " Could you issue it again?\n\nDan",
        stage.ago(26, 13, 30),
    )  # fmt: skip
    return org


def company_and_foundation(stage: Stage) -> tuple[Org, Org]:
    """A company and the foundation it gave its name and a floor to: two organizations, only one a partner."""
    jonas = stage.world.staff["owner-2"]
    halden = stage.org(
        "customer", "Halden Instruments AG", ["halden-instruments.ch"], BASEL, owner_id="owner-8"
    )
    anton = stage.human(halden, "Anton Meier", "anton.meier@halden-instruments.ch", "CTO")
    parent = stage.account(halden, days=70, currency="CHF")
    stage.contact(anton, parent)
    stage.company(halden, days=71)
    foundation = stage.org("partner", "Halden Stiftung", ["halden-stiftung.ch"], BASEL_NEXT_DOOR, tier="Bronze",
                           owner_id=jonas.id, partner_type="community", parent_id=halden.id)  # fmt: skip
    elena = stage.human(foundation, "Elena Frey", "elena.frey@halden-stiftung.ch", "Coordinator")
    stage.company(foundation, days=40)
    account = stage.account(foundation, "Halden Foundation", days=41, currency="CHF", parent_id=parent.id)
    stage.contact(elena, account, days=41)
    grant = stage.mail(
        foundation, elena, [jonas], "School grants, second round",
        "Dear Jonas,\n\nthe board of the foundation has approved the second round: four schools in Basel, twelve"
        " months. Please do not invoice Halden Instruments for it, the foundation keeps its own books.\n\nElena",
        stage.ago(33, 9, 41),
    )  # fmt: skip
    stage.mail(
        foundation, jonas, [elena], "",
        "Dear Elena,\n\nnoted, everything for the four schools goes to the foundation. We start with two in autumn.\n\n"
        "Jonas",
        stage.ago(32, 11, 17), answers=grant,
    )  # fmt: skip
    stage.mail(
        halden, anton, [jonas], "Sensor export",
        "Hi Jonas,\n\nthe export of our lab sensors works. This is the company's project; Elena's schools are another"
        " story.\n\nAnton",
        stage.ago(29, 14, 5),
    )  # fmt: skip
    return halden, foundation


def consultant(stage: Stage) -> Org:
    """Somebody who works alone, from a free-mail address, and is a partner all the same."""
    nora = stage.world.staff["owner-1"]
    org = stage.org("partner", "Ines Marlow Consulting", [], BRISTOL, tier="Silver", owner_id=nora.id,
                    partner_type="referral", employees=1)  # fmt: skip
    ines = stage.human(org, "Ines Marlow", "ines.marlow.consulting@gmail.com", "Consultant")
    stage.company(org, days=15)
    stage.row(
        org, Company="Ines Marlow Consulting", City="Bristol", Country="United Kingdom", Contact="Ines Marlow",
        Phone="+44 117 496 0188", Status="active", Tier="Silver", Services="Referrals",
        **{"E-Mail": ines.emails[0], "Partner since": "2024", "Involves referrals": "yes"},
    )  # fmt: skip
    named = stage.mail(
        org, ines, [nora], "Two charities for you",
        "Hi Nora,\n\ntwo charities in Bristol asked me for a case system this month. I told both that I get a fee from"
        " you if they sign. May I bring you together next week?\n\nInes",
        stage.ago(9, 12, 22),
    )  # fmt: skip
    stage.mail(
        org, nora, [ines], "",
        "Hi Ines,\n\nthank you, and for saying so openly. Wednesday or Thursday, any time after ten.\n\nNora",
        stage.ago(8, 8, 50), answers=named,
    )  # fmt: skip
    return org


def contact_only(stage: Stage) -> Org:
    """An organization nobody ever entered: there is one contact without a company, and a conversation."""
    jonas = stage.world.staff["owner-2"]
    org = stage.org("partner", "Fundacja Bursztyn", ["fundacja-bursztyn.pl"], GDANSK, owner_id=jonas.id,
                    partner_type="community", known_days=240)  # fmt: skip
    halina: Human = stage.human(org, "Halina Wróbel", "halina.wrobel@fundacja-bursztyn.pl", "Coordinator")
    offered = stage.mail(
        org, halina, [jonas], "Referrals from Gdańsk",
        "Dear Jonas,\n\nin spring we sent you eleven families and heard back about nine. Our volunteers would like to"
        " know what became of the other two. Can we agree on a short note for each referral?\n\nHalina",
        stage.ago(44, 10, 8),
    )  # fmt: skip
    answer = stage.mail(
        org, jonas, [halina], "",
        "Dear Halina,\n\nyou are right, and nine of eleven is not good enough. From now on you get a line for each of"
        " them within two weeks. The two families are in the evening course.\n\nJonas",
        stage.ago(43, 9, 30), answers=offered,
    )  # fmt: skip
    stage.mail(
        org,
        halina,
        [jonas],
        "",
        "Thank you, that is all we need.\n\nHalina",
        stage.ago(42, 16, 0),
        answers=answer,
    )
    return org
