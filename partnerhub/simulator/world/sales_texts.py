"""What sales writes in Salesforce: tasks, events, cases, special terms. Only data.

`{partner}`, `{city}`, `{person}` (somebody there), `{us}` (one of us), `{product}`, `{count}`, `{day}`, `{month}` and
`{amount}` are filled in.
"""

from __future__ import annotations

PRODUCTS = (
    "Case Desk",
    "Referral Bridge",
    "Intake Forms",
    "Outcome Reports",
    "the mobile app",
    "the data warehouse add-on",
    "Volunteer Rota",
    "the school edition",
    "Consent Vault",
    "the scheduling module",
)
TASKS: tuple[tuple[str, str], ...] = (
    (
        "Send revised price list to {person}",
        "{person} compares our tiers with last year's. Send the list with the {product} line broken out before {day}.",
    ),
    (
        "Get signed order form from {partner}",
        "The form went out on {day}. {person} needs a second signature in {city}; call if nothing arrives this week.",
    ),
    (
        "Confirm seat count with {person}",
        "They pay for {count} seats of {product} and use fewer. Agree the number before the invoice for {month} is drawn.",
    ),
    (
        "Ask {partner} for a reference call",
        "A prospect in {city} wants to hear from somebody who runs {product} with {count} users. {person} offered in spring.",
    ),
    (
        "Prepare joint account plan",
        "Two pages: which accounts in {city} {partner} opens, which ones we open, who joins the first call. {us} reviews.",
    ),
    (
        "Check discount approval for {partner}",
        "{us} promised {count} percent on {product} if they commit for two years. Finance has not approved it yet.",
    ),
    (
        "Return call: invoice question",
        "{person} says the invoice of {month} lists {product} twice. Have the order at hand when calling back.",
    ),
    (
        "Collect certificates for the partner directory",
        "{partner} shows {count} certified people on its website and two in ours. Ask {person} for the list with dates.",
    ),
    (
        "Schedule contract review",
        "Clause 7 (data in {city}) was open when we signed. Put {us} and {person} in one call before the end of {month}.",
    ),
    (
        "Follow up on marketing funds",
        "They claimed {amount} for the event in {city}; the receipt for the room is missing. {person} looks for it.",
    ),
    (
        "Hand over leads from the fair",
        "{count} cards from the stand in {city} belong to {partner}'s area. Send them with notes, not as a bare list.",
    ),
    (
        "Clarify who signs at {partner}",
        "{person} may sign up to {amount}; above that the board in {city} decides, and it meets once a month.",
    ),
    (
        "Send security questionnaire answers",
        "Their IT asks about encryption at rest and where {product} is hosted. {us} has last year's answers.",
    ),
    (
        "Update forecast after call with {person}",
        "Pilot of {product} moves from {month} to the quarter after; the amount of {amount} stays.",
    ),
)
EVENTS: tuple[tuple[str, str], ...] = (
    (
        "Quarterly check-in with {partner}",
        "Went through open deals with {person}. {product} sells in {city}, less so elsewhere; they ask for local slides.",
    ),
    (
        "Demo of {product} for {partner}",
        "{count} people joined from {city}. Most questions were about import of old records; {us} sends the field list.",
    ),
    (
        "Lunch with {person}",
        "They hired two consultants for {product} and want them certified by {month}. Competitor offered a flat fee.",
    ),
    (
        "Planning call: {month} campaign",
        "{partner} brings the room in {city}, we bring the speaker. Budget {amount}, split in half.",
    ),
    (
        "Negotiation with {partner}",
        "Open points: payment terms (they ask for {count} days) and who answers first-line tickets about {product}.",
    ),
    (
        "Onsite visit in {city}",
        "Saw {product} in use at their help desk. {person} showed a workaround for closing cases that we should fix.",
    ),
    (
        "Executive meeting",
        "{us} and {person} agreed to publish one case study by {month} and to review prices after it.",
    ),
    (
        "Training day for {partner}",
        "{count} people, one day, {product} basics. Two had no account; {person} names replacements for the second day.",
    ),
)
CASES: tuple[tuple[str, str], ...] = (
    (
        "{product}: import stops at row {count}",
        "The file of {partner} has a line break inside an address. Works after cleaning; they ask for a better message.",
    ),
    (
        "Users of {partner} cannot sign in",
        "Since {day} morning {count} users in {city} see a blank page after signing in. Their proxy strips a header.",
    ),
    (
        "Wrong totals in {product}",
        "{person} compared {month} with their own sheet: {count} records counted twice after a merge on their side.",
    ),
    (
        "Invoice address is outdated",
        "{partner} moved within {city}; two invoices went to the old office. {person} confirmed the new address by phone.",
    ),
    (
        "Request: export with attachments",
        "For an audit in {month} they need everything of {count} clients in one archive. Done by hand this time.",
    ),
    (
        "E-mails from {product} land in spam",
        "Only at {partner}. Their provider rejects our second sending host; {us} asked them to allow it.",
    ),
    (
        "Slow lists for large teams",
        "{person} waits {count} seconds for the overview in {product}. Others in {city} do not; their filter has no date.",
    ),
    (
        "Please remove a former colleague",
        "{person} asks to close the account of somebody who left in {month} and to move {count} open cases to the team.",
    ),
)
SPECIAL_TERMS = (
    "Payment within {count} days instead of 30.",
    "Price of {product} fixed until the end of {month} next year.",
    "Named support contact in {city} during office hours.",
    "{count} percent on renewals while at least two people are certified for {product}.",
    "Data is kept in the customer's country; {us} confirms the location once a year.",
    "Either side may end the agreement with notice of {count} days after a change of ownership.",
    "One training day a year in {city} is included.",
)
END_CUSTOMERS = (
    "Stadtwerke",
    "Housing Association",
    "County Library",
    "Regional Hospital",
    "Volunteer Centre",
    "Primary School Group",
    "Food Bank",
    "Museum Service",
    "Harbor Authority",
    "Youth Council",
    "Care Homes",
    "Sports Federation",
)
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
