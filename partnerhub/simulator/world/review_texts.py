"""What stands in review decks. Only data; blanks as in `sales_texts`."""

from __future__ import annotations

HIGHLIGHTS = (
    "{count} seats of {product} live in {city}",
    "{person} took over the weekly call",
    "Second consultant certified in {month}",
    "Joint stand at the {city} fair, {count} contacts",
    "Support answers first-line tickets since {month}",
    "Case study approved by their customer",
    "{product} pilot extended by {count} days",
    "Two registered deals won, one released",
    "Data import finished with {count} corrected records",
    "New office manager; invoices go to {city}",
    "{us} trained {count} people in one day",
    "Referrals up by {count} percent against last year",
)
RISKS = (
    "Only {person} knows the set-up",
    "Their budget for {product} is decided in {month}",
    "Security review still open with {count} questions",
    "No successor for the certified consultant yet",
    "Two offices use different referral reasons",
    "Discount of {count} percent asked for again",
)
NEXT_STEPS = (
    "Send seat report to {person}",
    "Agree target for {month}",
    "Publish local one-pager for {product}",
    "Book training room in {city}",
    "Clean up stale registrations",
    "Settle clause 7 of the agreement",
    "Invite {person} to the partner day",
    "Close the {count} oldest tickets",
)
NOTES = (
    "Say thanks to {person} first; the import was mostly their work.",
    "Do not show the price slide before {us} confirmed the discount.",
    "They will ask about {product} in {city}. Honest answer: not before {month}.",
    "Skip the chart if time is short, the table says the same.",
    "{person} prefers to see numbers before words.",
)
STATUSES = ("On track", "On track", "On track", "At risk", "Delayed")
GENERAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "How we answer tickets",
        ("One owner per ticket", "First answer within {count} hours", "Close with a reason"),
    ),
    ("Brand rules 2.1", ("Logo needs air", "Two colors, not five", "Screenshots without real names")),
    (
        "Partner program overview",
        ("Three tiers, one price list", "Certification is per person", "Reviews once a quarter"),
    ),
    ("Security basics for everyone", ("Lock your screen", "Report, do not hide", "Keys rotate every year")),
    ("Plan for {month}", ("{count} events", "One release", "No new forms")),
    ("Training: {product}", ("Set up a tenant", "Import a file", "Read the coverage report")),
)
