"""DavMail in front of an Exchange: standard IMAP, SMTP, CalDAV and CardDAV go in
at its front, and each check compares what comes back with what went in.
"go run ./interop davmail" starts it with a server; words behind it choose the
checks whose names contain one of them.
"""
import sys

sys.dont_write_bytecode = True  # the scripts lie in a work tree

import importlib

import checks
import gateway
import world

# In this order: what the later ones build on comes first.
PARTS = ("check_imap", "check_flags", "check_smtp", "check_calendar", "check_meetings", "check_contacts")

if __name__ == "__main__":
    with gateway.started() as running:
        world.ports = running.ports
        for part in PARTS:
            importlib.import_module(part)
        code = checks.run(sys.argv[1:])
        world.tidy()
    sys.exit(code)
