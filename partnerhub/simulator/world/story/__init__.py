"""A hand-written cast inside the generated world: what a first-time visitor is shown, and tests assert line by line."""

from __future__ import annotations

from typing import NamedTuple

from partnerhub.simulator.world.model import World
from partnerhub.simulator.world.story import brightwater, departed, lookalikes, tomorrow
from partnerhub.simulator.world.story.stage import Stage


class Cast(NamedTuple):
    """Who plays in the story."""

    brightwater: brightwater.Brightwater
    lookalikes: lookalikes.Lookalikes
    departed: departed.Departed
    tomorrow: tomorrow.Tomorrow


def place_story(world: World) -> Cast:
    """Add the story to a world that has none, in place. Everything that was drawn stays as it was.

    All dates are relative to `world.now`. Needs the usual ten colleagues; calling it twice tells the story twice.
    """
    stage = Stage(world)
    manager = departed.hire(stage)
    cast = Cast(
        brightwater.tell(stage, manager),
        lookalikes.tell(stage),
        departed.tell(stage, manager),
        tomorrow.tell(stage),
    )
    world.mails.sort(key=lambda mail: (mail.sent_at, mail.id))
    world.decks.sort(key=lambda deck: (deck.saved_at, deck.id))
    return cast
