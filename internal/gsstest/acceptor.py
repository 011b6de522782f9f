"""Accepts security contexts by the system's GSSAPI, one JSON request a line.

Request:  {"id", "mech", "token", "application"}; token and application data of
the channel bindings in base64, the latter null for none. The id names a context
that may take several steps.
Answer:   {"reply", "complete", "user"} or {"error"}.
"""

import base64
import json
import sys

import gssapi

MECHS = {
    "ntlm": gssapi.OID.from_int_seq("1.3.6.1.4.1.311.2.2.10"),
    "spnego": gssapi.OID.from_int_seq("1.3.6.1.5.5.2"),
}

credentials = {}
contexts = {}


def step(request):
    mech = request["mech"]
    if mech not in credentials:
        credentials[mech] = gssapi.Credentials(usage="accept", mechs=[MECHS[mech]])
    context = contexts.pop(request["id"], None)
    if context is None:
        bindings = None
        if request["application"] is not None:
            data = base64.b64decode(request["application"])
            bindings = gssapi.raw.ChannelBindings(application_data=data)
        context = gssapi.SecurityContext(
            creds=credentials[mech], usage="accept", channel_bindings=bindings
        )
    reply = context.step(base64.b64decode(request["token"])) or b""
    if not context.complete:
        contexts[request["id"]] = context
    return {
        "reply": base64.b64encode(reply).decode(),
        "complete": context.complete,
        "user": str(context.initiator_name) if context.complete else "",
    }


for line in sys.stdin:
    try:
        answer = step(json.loads(line))
    except gssapi.exceptions.GSSError as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
