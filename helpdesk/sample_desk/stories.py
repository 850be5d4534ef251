"""What happened on the sample desk, as plain data: who filed what, and how it went on.

A step is (time since the step before, who, what, words); times read like `2d3h` or `45m`, also in
the words of the step `time`, which logs work.
"""

from dataclasses import dataclass, field

Step = tuple[str, str, str, str]


@dataclass(frozen=True)
class Story:
    """One ticket from its filing on."""

    age: str
    who: str
    subject: str
    body: str
    category: str = ""
    priority: str = "normal"
    product: str = "ledger"
    component: str = ""
    release: str = ""
    environment: str = ""
    tags: str = ""
    source: str = "web"
    emergency: bool = False
    steps: tuple[Step, ...] = field(default=())


STORIES = (
    Story(
        "12d4h", "ana", "Export to PDF stops at page 100",
        "The yearly statement has 140 pages. The PDF ends after page 100 without an error.",
        "corrective", "high", component="Export", release="2.4.0", environment="production",
        steps=(
            ("22m", "mia", "confirm", ""), ("1m", "mia", "take", ""),
            ("3m", "mia", "reply", "Thank you, Ana. I can see it here as well and am on it."),
            ("0m", "mia", "time", "45m"),
            ("1d", "mia", "fixed_in", "2.4.1"),
            ("5m", "mia", "reply", "Version **2.4.1** writes all pages. Please update."),
            ("1m", "mia", "resolve", ""), ("3h", "ana", "answer", "All 140 pages are there."),
            ("20m", "mia", "resolve", ""), ("7d", "", "close", ""),
        ),
    ),
    Story(
        "11d6h", "noor", "How do I give a colleague read access?",
        "A new auditor starts on Monday. She shall see the books but change nothing.",
        "support", "normal", component="Sign-in",
        steps=(
            ("35m", "tom", "take", ""),
            ("6m", "tom", "reply", "Open *People*, choose her, and set the role **Reader**."),
            ("0m", "tom", "time", "1h30m"),
            ("1m", "tom", "resolve", ""), ("7d1h", "", "close", ""),
        ),
    ),
    Story(
        "10d2h", "ben", "VAT rate for Austria changes in January",
        "From 1 January the reduced rate changes. The tax table needs the new value before then.",
        "adaptive", "high", component="Ledger book", release="2.4.1",
        steps=(
            ("50m", "mia", "confirm", ""), ("2m", "mia", "take", ""),
            ("4m", "mia", "reply", "It is planned for 2.5.0, which comes before the change."),
            ("1m", "mia", "fixed_in", "2.5.0"), ("1m", "mia", "hold", "Release 2.5.0"),
        ),
    ),
    Story(
        "9d5h", "priya", "Courier loses the tracking number",
        "After a shipment is split, the second parcel has no tracking number.",
        "corrective", "urgent", product="courier", component="Shipping", release="1.8.0",
        environment="", tags="parcel",
        steps=(
            ("9m", "tom", "confirm", ""), ("1m", "tom", "take", ""),
            ("5m", "tom", "reply", "We found the cause. I am preparing a corrected build."),
            ("0m", "tom", "time", "25m"),
            ("2h", "tom", "note", "Race between split and label printing, see the log of 03:12."),
            ("20h", "tom", "fixed_in", "1.9.0"),
            ("2m", "tom", "reply", "Courier **1.9.0** is available and keeps both numbers."),
            ("0m", "tom", "time", "2h10m"),
            ("1m", "tom", "resolve", ""), ("2h", "priya", "solved", ""), ("7d1h", "", "close", ""),
        ),
    ),
    Story(
        "8d7h", "jan", "Please add a dark theme", "Our night shift would be grateful.",
        "perfective", "low",
        steps=(
            ("2h", "mia", "confirm", ""), ("1m", "mia", "tags", "idea,theme"),
            ("4m", "mia", "reply", "A fair wish. I have put it on the list for 2.5.0."),
        ),
    ),
    Story(
        "8d1h", "monitor", "Certificate of ledger.acme.example expires in 30 days",
        "The certificate ends in 30 days.\n\nFingerprint `4f:9a:22`.",
        "preventive", "normal", source="api", tags="certificate",
        steps=(
            ("1h", "tom", "confirm", ""), ("1m", "tom", "take", ""),
            ("3d", "tom", "note", "Renewed, the new one is valid for a year."),
            ("0m", "tom", "time", "15m"),
            ("2m", "tom", "resolve", ""),
        ),
    ),
    Story(
        "7d9h", "ana", "Import of bank statements fails with a 500",
        "The file of our second bank cannot be imported:\n\n```\nHTTP 500 at row 212\n```",
        "corrective", "high", component="Import", release="2.4.1", environment="production",
        tags="bank",
        steps=(
            ("15m", "mia", "confirm", ""), ("1m", "mia", "take", ""),
            ("7m", "mia", "reply", "Could you send me the line 212 with the names blanked out?"),
            ("1m", "mia", "pend", ""), ("1d2h", "ana", "answer", "Here it is: `'Müller & Co.'`"),
            ("30m", "mia", "reply", "The quotation marks it is. 2.4.2 reads them."),
            ("0m", "mia", "time", "1h5m"),
            ("1m", "mia", "fixed_in", "2.4.2"), ("1m", "mia", "resolve", ""),
            ("1d", "ana", "answer", "The next file fails again, now at row 40."),
            ("1h", "mia", "reply", "Thank you. I have that file reproduced and am on it."),
        ),
    ),
    Story(
        "7d3h", "noor", "Two-factor sign-in for our clinic",
        "Our insurance asks for a second factor from next quarter on.", "adaptive", "normal",
        component="Sign-in",
        steps=(("3h", "tom", "take", ""), ("6m", "tom", "hold", "The identity provider")),
    ),
    Story(
        "6d8h", "kwame", "Totals differ by one cent",
        "The sum of the lines is 1,204.56, the statement says 1,204.57.", "corrective", "normal",
        component="Ledger book", release="2.4.1", environment="production", tags="rounding",
        steps=(
            ("40m", "mia", "confirm", ""), ("2m", "mia", "take", ""),
            ("10m", "mia", "note", "Banker's rounding against half-up in the statement."),
            ("0m", "mia", "time", "50m"),
            ("2m", "mia", "reply", "The statement rounds wrongly. Your books are right."),
            ("1d", "mia", "fixed_in", "2.4.2"), ("1m", "mia", "resolve", ""),
        ),
    ),
    Story(
        "6d2h", "priya", "Label printer prints empty labels",
        "Since this morning every second label is empty. Nothing can be shipped!", "corrective",
        "urgent", product="courier", component="Labels", release="1.9.0", emergency=True,
        steps=(
            ("6m", "tom", "confirm", ""), ("1m", "tom", "take", ""),
            ("3m", "tom", "reply", "A stopgap: switch *Labels → Buffered* off. I stay on it."),
            ("0m", "tom", "time", "3h20m"),
            ("4h", "tom", "reply", "The permanent correction is in 1.9.0. Can you confirm?"),
            ("1m", "tom", "pend", ""), ("2h", "priya", "answer", "Confirmed, labels are fine."),
            ("10m", "tom", "resolve", ""),
        ),
    ),
    Story(
        "5d6h", "jan", "Where is the export button?", "It was on the right, now I cannot find it.",
        "support", "low", component="Export", release="2.4.2",
        steps=(
            ("1h", "mia", "take", ""), ("3m", "mia", "reply", "In *More → Export* since 2.4.2."),
            ("1m", "mia", "resolve", ""),
        ),
    ),
    Story(
        "5d1h", "ben", "Nightly job takes four hours",
        "It used to take forty minutes. Since 2.4.2 it takes four hours.", "corrective", "high",
        component="Ledger book", release="2.4.2", environment="production", tags="speed",
        steps=(
            ("25m", "tom", "confirm", ""), ("1m", "tom", "take", ""),
            ("9m", "tom", "reply", "A missing index. Please run the attached line at night."),
            ("0m", "tom", "time", "35m"),
            ("1m", "tom", "pend", ""), ("20h", "ben", "answer", "Thirty-five minutes. Thank you!"),
        ),
    ),
    Story(
        "4d9h", "mei", "API answers 429 during month end",
        "Our connector is cut off after a minute. Can the limit be raised?", "support", "normal",
        component="API", source="api", tags="limits",
        steps=(
            ("1h", "mia", "take", ""),
            ("5m", "mia", "reply", "The limit is per token. Two tokens would do."),
            ("1m", "mia", "pend", ""),
        ),
    ),
    Story(
        "4d4h", "noor", "Patient numbers appear in the search of other users",
        "A colleague without rights sees patient numbers among the suggestions.", "corrective",
        "urgent", component="Ledger book", release="2.4.2", tags="privacy",
        steps=(
            ("8m", "tom", "confirm", ""), ("1m", "tom", "team", "Security"),
            ("3m", "lea", "take", ""),
            ("4m", "lea", "reply", "We take this seriously. Suggestions are off for you now."),
            ("0m", "lea", "time", "20m"),
            ("1h", "lea", "note", "Cache key without the user. The other caches follow."),
        ),
    ),
    Story(
        "4d", "kwame", "Support for the new bank format (ISO 20022)",
        "Our bank changes its files in May.", "adaptive", "normal", component="Import",
        steps=(("2h", "mia", "confirm", ""), ("1m", "mia", "fixed_in", "2.5.0"),
               ("1m", "mia", "hold", "Release 2.5.0")),
    ),
    Story(
        "3d9h", "ana", "Keyboard shortcuts in the booking form",
        "Booking a hundred lines with the mouse takes the whole morning.", "perfective", "normal",
        component="Ledger book",
        steps=(("4h", "tom", "confirm", ""), ("2m", "tom", "tags", "idea")),
    ),
    Story(
        "3d7h", "ben", "Old TLS versions on the connector",
        "The scan of our auditors lists TLS 1.1.",
        "preventive", "high", component="API", tags="security",
        steps=(
            ("35m", "tom", "confirm", ""), ("1m", "tom", "take", ""),
            ("6m", "tom", "reply", "We switch it off on Sunday night; nothing to do for you."),
            ("0m", "tom", "time", "1h45m"),
            ("1m", "tom", "hold", "Maintenance window on Sunday"),
        ),
    ),
    Story(
        "3d4h", "priya", "Customs form lacks the new code", "Parcels to Norway come back.",
        "adaptive", "high", product="courier", component="Labels", release="1.9.0",
        steps=(
            ("30m", "mia", "confirm", ""), ("1m", "mia", "take", ""),
            ("5m", "mia", "reply", "Which code do the forms of your carrier ask for?"),
            ("1m", "mia", "pend", ""), ("2h", "priya", "answer", "HS 6-digit, since Monday."),
        ),
    ),
    Story(
        "3d1h", "jan", "Password mail arrives after an hour", "Sign-in is impossible meanwhile.",
        "corrective", "normal", component="Sign-in",
        steps=(
            ("1h", "tom", "take", ""), ("4m", "tom", "reply", "Your mail server holds it back."),
            ("1m", "tom", "resolve", ""), ("1d", "jan", "answer", "Our administrators deny that."),
        ),
    ),
    Story(
        "2d9h", "mei", "Webhook for posted invoices",
        "We would like to be told instead of polling.",
        "perfective", "low", component="API", source="api", tags="idea",
        steps=(("5h", "mia", "confirm", ""), ("1m", "mia", "reply", "Noted, with thanks.")),
    ),
    Story(
        "2d7h", "kwame", "Balance sheet misses the second company",
        "The consolidated sheet shows company 1 only.", "corrective", "high",
        component="Export", release="2.4.3", environment="production",
        steps=(
            ("28m", "mia", "confirm", ""), ("1m", "mia", "take", ""),
            ("12m", "mia", "reply", "Could you try again with *All companies* ticked?"),
            ("0m", "mia", "time", "40m"),
            ("1m", "mia", "pend", ""),
        ),
    ),
    Story(
        "2d5h", "ana", "Disk of the archive is 85 % full", "No failure yet, growth is 1 % a day.",
        "preventive", "normal", environment="production",
        steps=(("50m", "tom", "confirm", ""), ("1m", "tom", "take", "")),
    ),
    Story(
        "2d2h", "noor", "Printing the waiting list cuts the last column",
        "On A4 in portrait. Landscape is fine.", "corrective", "low", component="Export",
        release="2.4.3",
    ),
    Story(
        "1d11h", "ben", "Sandbox does not start after the update",
        "The test system shows a white page since 2.4.3.", "corrective", "normal",
        release="2.4.3", environment="test",
        steps=(("45m", "tom", "take", ""), ("8m", "tom", "reply", "Please clear the cache once.")),
    ),
    Story(
        "1d8h", "priya", "Is there a training for new dispatchers?",
        "We have four new colleagues.",
        "support", "low", product="courier",
        steps=(("2h", "mia", "take", ""), ("5m", "mia", "reply", "Yes, every second Tuesday."),
               ("1m", "mia", "resolve", "")),
    ),
    Story(
        "1d6h", "mei", "Currency rates stopped on Friday", "The rates are three days old.",
        "corrective", "high", component="Import", release="2.4.3", environment="production",
        steps=(("20m", "mia", "confirm", ""), ("1m", "mia", "take", ""),
               ("6m", "mia", "reply", "The provider changed its address. We are switching over.")),
    ),
    Story(
        "1d4h", "jan", "Something is wrong with the report",
        "It looks different from last month. I cannot say more yet.",
    ),
    Story(
        "1d2h", "kwame", "Add a column for the cost centre", "In the list of open items, please.",
        "perfective", "normal", component="Ledger book",
    ),
    Story(
        "1d", "monitor", "Queue of ledger-worker grows", "1,200 jobs wait. Threshold 500.",
        "preventive", "high", source="api", tags="alert",
        steps=(("12m", "tom", "take", ""),),
    ),
    Story(
        "22h", "ana", "Signature missing on reminders", "The second reminder has no signature.",
        "corrective", "normal", component="Export", release="2.4.3", environment="production",
        steps=(("2h", "mia", "take", ""), ("6m", "mia", "reply", "Which template do you use?"),
               ("1m", "mia", "pend", ""), ("3h", "ana", "answer", "The German one.")),
    ),
    Story(
        "20h", "noor", "GDPR: how long are logs kept?", "Our data protection officer asks.",
        "support", "normal",
    ),
    Story(
        "18h", "priya", "Route planner ignores bridges", "Lorries of 4 m are sent under 3.8 m.",
        "corrective", "high", product="courier", component="Shipping", release="1.9.0",
        steps=(("14m", "tom", "confirm", ""), ("1m", "tom", "take", "")),
    ),
    Story(
        "9h", "ben", "Copy of the production data for testing", "Anonymised, as last year.",
        "support", "low", environment="test",
    ),
    Story(
        "7h", "mei", "Timeout when booking more than 500 lines",
        "The page stops after 30 seconds and nothing is booked.", "corrective", "high",
        component="Ledger book", release="2.4.3", environment="production", source="api",
    ),
    Story(
        "5h", "kwame", "New holiday in Ghana", "The calendar of due dates needs 4 August.",
        "adaptive", "low",
    ),
    Story(
        "3h", "jan", "Cannot open attachments", "The browser says “file is damaged”.", "",
        component="", release="2.4.3",
        steps=(("40m", "mia", "note", "Works for me. Asking for the browser's version next."),),
    ),
    Story(
        "2h", "ana", "Export fails with a 500",
        "Since 2.4.1 the export of open items ends with a 500 for one customer.", "corrective",
        "high", component="Export", release="2.4.1", environment="production", tags="export",
    ),
    Story(
        "70m", "noor", "Appointments are shown an hour late",
        "Since the change to winter time, only for the clinic in Boston.", "corrective", "high",
        release="2.4.3",
    ),
    Story("35m", "priya", "Thank you!", "The new labels are a joy. No answer needed.", "support"),
    Story(
        "12m", "ben", "Licence for five more seats", "From next month on, please.", "",
    ),
)  # fmt: skip
