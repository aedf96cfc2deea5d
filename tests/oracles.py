"""The promises of the hub, executable: each oracle takes a warehouse and says in words what is wrong with it.

An oracle is a function named after its promise. It returns a list of sentences, empty when the promise holds, and
neither asserts nor changes anything, so that it can be asked after any fault:

    served = served_by(simulator)                       # the simulator's own truth, asked anew after every edit
    with Database(url).session() as connection:
        assert wrong_with(connection, served) == []     # everything that must always hold
        assert nothing_lost(connection, served) == []   # or one promise at a time

| promise | oracle | what it needs beside the connection |
|---|---|---|
| I1 nothing lost, after the next sync | `nothing_lost` | what the sources hold |
| I2 nothing twice | `nothing_twice` | what the sources hold |
| I3 state never ahead of data, at any instant | `state_never_ahead` | what the sources hold |
| I4 monotone | `never_backwards` | |
| I5 every failure visible | `failures_visible` | exit code of the sync, if it was one |
| I6 quiescence | `at_rest` | a function that syncs; asked of a database, not of a connection |
| I7 no secret, no body | `no_secrets` | secrets; whatever was printed; folders that were written to |
| I8 erased stays erased | `erased_stays_erased` | |
| I9 provenance | `provenance` | |
| I10 bounded | `bounded` | what was measured, and its limits; no connection |
| I11 SQLite = PostgreSQL | `same_on_both` | a second database |
| I12 isolation | `isolated` | what was meant to break, as `source` or `source/stream` |

`wrong_with` asks I1 to I5, I8, I9 and the hub's own validation rules. `settled=False` leaves out what only holds once a
sync came to its end; that is how a warehouse is judged right after a kill.

`served_by(simulator)` covers a whole `Simulator`; `served_by_hubspot(hubspot)`, `served_by_salesforce`, … cover one
vendor. `Served` can be written by hand for a source of a test's own: `Served({"1": None, "2": None})`. A truth may be
narrowed: `{key: truth for key, truth in served.items() if key[0] == "hubspot"}`.
"""

from tests.promised.conduct import at_rest, bounded, failures_visible, isolated
from tests.promised.contents import erased_stays_erased, no_secrets, provenance, same_on_both
from tests.promised.records import never_backwards, nothing_lost, nothing_twice, state_never_ahead
from tests.promised.served import (
    Served,
    Truth,
    served_by,
    served_by_asana,
    served_by_decks,
    served_by_hubspot,
    served_by_imap,
    served_by_jira,
    served_by_salesforce,
    served_by_sheet,
)
from tests.promised.together import wrong_with

__all__ = [
    "Served",
    "Truth",
    "at_rest",
    "bounded",
    "erased_stays_erased",
    "failures_visible",
    "isolated",
    "never_backwards",
    "no_secrets",
    "nothing_lost",
    "nothing_twice",
    "provenance",
    "same_on_both",
    "served_by",
    "served_by_asana",
    "served_by_decks",
    "served_by_hubspot",
    "served_by_imap",
    "served_by_jira",
    "served_by_salesforce",
    "served_by_sheet",
    "state_never_ahead",
    "wrong_with",
]
