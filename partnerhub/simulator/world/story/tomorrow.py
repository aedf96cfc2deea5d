"""What will happen next in the story: who merges, who is deleted, who writes. Only the beginning of it is placed."""

from __future__ import annotations

from typing import Final, NamedTuple

from partnerhub.simulator.world.model import Org
from partnerhub.simulator.world.story.stage import Stage

ABSORBED: Final = "Crescent City Clinics"
ABSORBING: Final = "Cassia Health Partners"
"""Tomorrow somebody merges the first company into the second one in HubSpot."""
DELETED: Final = "Muller Logistics Ltd"
"""Tomorrow somebody deletes this customer."""
RENAMED: Final = ("partner_type", "partnership_type")
"""Tomorrow this property of HubSpot's companies has another name."""
CLINICS = ("1500 Canal Street", "70112", "New Orleans", "LA", "US", "+1 504 555 0138")


class Tomorrow(NamedTuple):
    """Who is there today and gone tomorrow."""

    absorbed: Org


def tell(stage: Stage) -> Tomorrow:
    """Place the partner that is about to be merged into another one."""
    nora = stage.world.staff["owner-1"]
    org = stage.org(
        "partner", ABSORBED, ["crescentcityclinics.org"], CLINICS, tier="Bronze", owner_id=nora.id
    )
    paul = stage.human(org, "Paul Thibodeaux", "paul.thibodeaux@crescentcityclinics.org", "Office Manager")
    stage.company(org, days=25)
    told = stage.mail(
        org, paul, [nora], "We become a part of Cassia",
        "Hi Nora,\n\nfrom next month our four clinics belong to Cassia Health Partners. Denise takes over the"
        " agreement, our people keep their addresses for a year.\n\nPaul",
        stage.ago(18, 9, 20),
    )  # fmt: skip
    stage.mail(
        org, nora, [paul], "",
        "Hi Paul,\n\nthank you for telling us early. We bring the two records together and keep your history.\n\nNora",
        stage.ago(17, 8, 45), answers=told,
    )  # fmt: skip
    return Tomorrow(org)
