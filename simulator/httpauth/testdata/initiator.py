"""Signs in to a web server by the system's GSSAPI.

The argument is a JSON object: port, scheme ("NTLM" or "Negotiate"), mechs (a
list of "ntlm", "krb5", "spnego"), user and password for NTLM, service,
application (data of the channel bindings, or null), methods (one for each leg),
mutual. It prints one JSON object a request: status, challenge (of the answer),
headers, body; at last whether the context is complete.
"""

import base64
import http.client
import json
import ssl
import sys

import gssapi

OIDS = {
    "ntlm": gssapi.OID.from_int_seq("1.3.6.1.4.1.311.2.2.10"),
    "krb5": gssapi.OID.from_int_seq("1.2.840.113554.1.2.2"),
    "spnego": gssapi.OID.from_int_seq("1.3.6.1.5.5.2"),
}

a = json.loads(sys.argv[1])
tls = ssl.create_default_context()
tls.check_hostname = False
tls.verify_mode = ssl.CERT_NONE
web = http.client.HTTPSConnection("127.0.0.1", a["port"], context=tls)

mechs = [OIDS[m] for m in a["mechs"]]
creds = None
if "krb5" not in a["mechs"]:
    name = gssapi.Name(a["user"], gssapi.NameType.user)
    creds = gssapi.raw.acquire_cred_with_password(
        name, a["password"].encode(), usage="initiate", mechs=mechs
    ).creds
bindings = None
if a["application"] is not None:
    bindings = gssapi.raw.ChannelBindings(
        application_data=base64.b64decode(a["application"])
    )
flags = [gssapi.RequirementFlag.integrity]
if a["mutual"]:
    flags.append(gssapi.RequirementFlag.mutual_authentication)
context = gssapi.SecurityContext(
    name=gssapi.Name(a["service"], gssapi.NameType.hostbased_service),
    creds=creds and gssapi.Credentials(base=creds),
    mech=mechs[0],
    flags=flags,
    channel_bindings=bindings,
    usage="initiate",
)


def send(method, token):
    headers = {}
    if token is not None:
        headers["Authorization"] = a["scheme"] + " " + base64.b64encode(token).decode()
    web.request(method, "/", body=b"body" if method == "POST" else None, headers=headers)
    answer = web.getresponse()
    challenge = answer.getheader("WWW-Authenticate", "")
    body = answer.read().decode()
    print(
        json.dumps(
            {
                "status": answer.status,
                "challenge": challenge,
                "user": answer.getheader("X-User", ""),
                "mechanism": answer.getheader("X-Mechanism", ""),
                "body": body,
            }
        )
    )
    scheme, _, text = challenge.partition(" ")
    return answer.status, base64.b64decode(text) if scheme == a["scheme"] else b""


status, reply = 0, None
for method in a["methods"]:
    token = None
    if not context.complete:
        token = context.step(reply)
    status, reply = send(method, token)
    if not reply and status == 401:
        break
if status == 200 and reply and not context.complete:
    context.step(reply)
print(json.dumps({"complete": context.complete}))
