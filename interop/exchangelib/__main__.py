"""exchangelib uses an Exchange, and each check compares what comes back with
what went in. "go run ./interop exchangelib" starts it with a server; words
behind it choose the checks whose names contain one of them.
"""
import importlib
import logging
import sys

import checks

# In this order: what the later ones build on comes first.
PARTS = (
    "check_signin",
    "check_folders",
    "check_messages",
    "check_search",
    "check_attachments",
    "check_mime",
    "check_properties",
    "check_delivery",
    "check_sync",
    "check_calendar",
    "check_recurrence",
    "check_meetings",
    "check_people",
    "check_tasks",
    "check_availability",
    "check_notifications",
    "check_sharing",
)

if __name__ == "__main__":
    # exchangelib logs what checks provoke; what matters comes as an exception.
    logging.disable(logging.CRITICAL)
    for part in PARTS:
        importlib.import_module(part)
    sys.exit(checks.run(sys.argv[1:]))
