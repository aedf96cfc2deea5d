"""Planted bugs of access: somebody sees, guesses or changes what they may not, and a test notices."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import Bug

WEB: Final = "tests/web/"

BUGS_OF_ACCESS: Final = (
    Bug(
        "lists-of-everybody-for-everybody",
        6,
        "warehouse/queries/saved_views.py",
        "int(viewer.organizations is None)",
        "1",
        WEB + "test_organization_scope.py::test_no_address_shows_anything_of_another_organization[sqlite]",
    ),
    Bug(
        "scope-keeps-rights-across-organizations",
        6,
        "partnerhub/access/sign_in.py",
        "allowed if account.organizations is None else allowed - WHOLE_HUB",
        "allowed",
        WEB + "test_organization_scope.py::test_nothing_of_another_organization_is_changed",
    ),
    Bug(
        "strangers-lock-out",
        6,
        "partnerhub/web/routes/signing_in.py",
        "    if was_theirs(connection, known, login):",
        "    if False:",
        WEB + "test_sessions.py::test_a_stranger_who_tries_a_login_locks_nobody_out_of_their_own_browser",
    ),
    Bug(
        "planted-session-lives-on",
        6,
        "partnerhub/access/sign_in.py",
        "        if leaving:",
        "        if False:",
        "tests/access/test_sign_in.py::test_signing_in_ends_the_session_a_browser_brought_along",
    ),
    Bug(
        "audit-goes-on-over-a-cut",
        6,
        "warehouse/commands/audit.py",
        "max(stored_end(connection), remembered_end(connection))",
        "stored_end(connection)",
        "tests/access/test_audit.py::test_a_cut_stays_visible_when_the_log_goes_on[sqlite]",
    ),
    Bug(
        "depth-without-end",
        6,
        "partnerhub/web/positions.py",
        "except (binascii.Error, ValueError, RecursionError):",
        "except (binascii.Error, ValueError):",
        WEB + "test_hostile_requests.py::test_no_text_or_number_in_an_address_breaks_a_page[sqlite]",
    ),
)
