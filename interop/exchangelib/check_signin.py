"""Who may come in, and by which way; what the server says that it is."""
from checks import check, refused, same, true
from world import ZONE, configuration, impersonating, me, message, other, scratch, setting, unique

from exchangelib import BASIC, DELEGATE, IMPERSONATION, NTLM, Account, Configuration, FailFast, Identity
from exchangelib.autodiscover.cache import autodiscover_cache
from exchangelib.autodiscover.properties import Autodiscover
from exchangelib.autodiscover.protocol import AutodiscoverProtocol
from exchangelib.credentials import OAuth2AuthorizationCodeCredentials, OAuth2Credentials
from exchangelib.errors import (
    ErrorImpersonateUserDenied,
    ErrorInvalidExchangeImpersonationHeaderData,
    ErrorNonExistentMailbox,
    EWSError,
    UnauthorizedError,
)
from exchangelib.util import post_ratelimited
from exchangelib.version import EXCHANGE_2013_SP1, Build


def account(address, config, access_type=DELEGATE):
    return Account(address, config=config, access_type=access_type, default_timezone=ZONE)


@check()
def basic_by_address():
    same(me().inbox.name, "Inbox", "the inbox's name")


@check("DOMAIN")
def basic_by_domain_and_name():
    name = setting("DOMAIN") + "\\" + setting("USER").split("@")[0]
    true(account(setting("USER"), configuration(name, setting("PASSWORD"))).inbox.id, "the inbox has an id")


@check()
def way_of_signing_in_is_found_out():
    config = configuration(setting("USER"), setting("PASSWORD"), auth_type=None)
    anna = account(setting("USER"), config)
    true(anna.inbox.id, "the inbox has an id")
    true(anna.protocol.auth_type in (BASIC, NTLM, "digest"), f"{anna.protocol.auth_type} takes a password")


@check()
def wrong_password_is_refused():
    config = configuration(setting("USER"), "not the password")
    refused(UnauthorizedError, lambda: account(setting("USER"), config).inbox.id)


@check()
def version_is_guessed():
    version = me().protocol.version
    true(version.build >= EXCHANGE_2013_SP1, f"{version.build} is Exchange 2013 SP1 or newer")
    true(version.build < Build(16, 0), f"{version.build} is a build number")
    true(version.api_version.startswith("Exchange20"), f"{version.api_version} is a version of the schema")


@check("DOMAIN")
def ntlm_with_password():
    name = setting("DOMAIN") + "\\" + setting("USER").split("@")[0]
    anna = account(setting("USER"), configuration(name, setting("PASSWORD"), auth_type=NTLM))
    folder = anna.inbox
    true(folder.id, "the inbox has an id")
    same(folder.id, me().inbox.id, "the inbox's id")
    message(scratch(), "by NTLM").refresh()


@check("DOMAIN")
def ntlm_with_wrong_password_is_refused():
    name = setting("DOMAIN") + "\\" + setting("USER").split("@")[0]
    config = configuration(name, "not the password", auth_type=NTLM)
    refused(UnauthorizedError, lambda: account(setting("USER"), config).inbox.id)


def bearer(token, url, identity=None):
    credentials = OAuth2AuthorizationCodeCredentials(
        access_token={"access_token": token, "token_type": "Bearer"}, identity=identity
    )
    return Configuration(service_endpoint=url, credentials=credentials, auth_type="OAuth 2.0", retry_policy=FailFast())


@check("TOKEN")
def bearer_token():
    same(account(setting("USER"), bearer(setting("TOKEN"), setting("URL"))).inbox.id, me().inbox.id, "the inbox's id")


@check("TOKEN")
def broken_bearer_token_is_refused():
    config = bearer(setting("TOKEN")[:-6] + "AAAAAA", setting("URL"))
    refused((UnauthorizedError, EWSError), lambda: account(setting("USER"), config).inbox.id)


@check("ONLINE_TOKEN")
def bearer_token_online():
    erik = account(setting("ONLINE_USER"), bearer(setting("ONLINE_TOKEN"), setting("ONLINE_URL")))
    folder = scratch(parent=erik.msg_folder_root)
    made = message(folder, "by token")
    same(folder.get(id=made.id).subject, "by token", "the subject")


@check("ONLINE_TOKEN", "ONLINE_SHARED")
def shared_mailbox_by_full_access_online():
    config = bearer(setting("ONLINE_TOKEN"), setting("ONLINE_URL"))
    sales, erik = account(setting("ONLINE_SHARED"), config), account(setting("ONLINE_USER"), config)
    true(sales.inbox.id != erik.inbox.id, "the shared inbox is another one")
    folder = scratch(parent=sales.msg_folder_root)
    made = message(folder, "shared")
    same([m.subject for m in folder.all()], ["shared"], "the subjects")
    made.delete()


@check("ONLINE_TOKEN", "ONLINE_OTHER_USER")
def delegated_token_may_not_impersonate_online():
    config = bearer(setting("ONLINE_TOKEN"), setting("ONLINE_URL"))
    refused(EWSError, lambda: account(setting("ONLINE_OTHER_USER"), config, IMPERSONATION).inbox.id)


@check("APP_TOKEN", "ONLINE_USER")
def application_impersonates_online():
    identity = Identity(primary_smtp_address=setting("ONLINE_USER"))
    config = bearer(setting("APP_TOKEN"), setting("ONLINE_URL"), identity)
    folder = scratch(parent=account(setting("ONLINE_USER"), config, IMPERSONATION).msg_folder_root)
    message(folder, "by the application")
    same([m.subject for m in folder.all()], ["by the application"], "the subjects")


@check("APP_TOKEN", "ONLINE_USER")
def application_has_to_impersonate_online():
    config = bearer(setting("APP_TOKEN"), setting("ONLINE_URL"))
    refused(EWSError, lambda: account(setting("ONLINE_USER"), config, DELEGATE).inbox.id)


@check("APP_CLIENT_ID", "APP_SECRET", "APP_TENANT", "APP_TOKEN_URL")
def application_gets_its_token_itself():
    class Credentials(OAuth2Credentials):
        """Its property is for Microsoft's own address alone."""

        token_url = setting("APP_TOKEN_URL")

    credentials = Credentials(
        client_id=setting("APP_CLIENT_ID"),
        client_secret=setting("APP_SECRET"),
        tenant_id=setting("APP_TENANT"),
        identity=Identity(primary_smtp_address=setting("ONLINE_USER")),
    )
    config = Configuration(
        service_endpoint=setting("ONLINE_URL"), credentials=credentials, auth_type="OAuth 2.0", retry_policy=FailFast()
    )
    true(account(setting("ONLINE_USER"), config, IMPERSONATION).inbox.id, "the inbox has an id")
    true(config.version.build.major_version == 15, "the version was guessed")


@check("SERVICE_USER")
def impersonation():
    same(impersonating(setting("OTHER_USER")).inbox.id, other().inbox.id, "the inbox's id")


@check("SERVICE_USER")
def impersonated_mailbox_can_be_written():
    folder = scratch(parent=impersonating(setting("OTHER_USER")).msg_folder_root)
    subject = unique()
    made = message(folder, subject)
    same(list(other().fetch([made]))[0].subject, subject, "the subject that its owner reads")


@check("SERVICE_USER", "DENIED_USER")
def impersonation_outside_the_scope_is_refused():
    refused(ErrorImpersonateUserDenied, lambda: impersonating(setting("DENIED_USER")).inbox.id)


@check()
def impersonation_without_the_role_is_refused():
    config = configuration(setting("USER"), setting("PASSWORD"))
    refused(ErrorImpersonateUserDenied, lambda: account(setting("OTHER_USER"), config, IMPERSONATION).inbox.id)


@check("SERVICE_USER")
def impersonation_of_nobody_is_refused():
    nobody = "nobody@" + setting("USER").split("@")[1]
    refused((ErrorNonExistentMailbox, ErrorInvalidExchangeImpersonationHeaderData), lambda: impersonating(nobody).inbox.id)


@check()
def somebody_elses_inbox_is_refused():
    config = configuration(setting("THIRD_USER"), setting("THIRD_PASSWORD"))
    refused(EWSError, lambda: account(setting("USER"), config).inbox.all().exists())


@check()
def autodiscover_by_soap_names_the_endpoint():
    config = configuration(setting("USER"), setting("PASSWORD"), url=setting("AUTODISCOVER_URL"))
    found = AutodiscoverProtocol(config=config).get_user_settings(user=setting("USER"))
    found.raise_errors()
    same(found.ews_url.lower(), setting("URL").lower(), "the endpoint")
    same(found.autodiscover_smtp_address.lower(), setting("USER").lower(), "the address")


def discovered(way, suffix):
    """The mailbox whose endpoint exchangelib finds out by itself. Where it would
    search the domain's well-known addresses, it is told by its cache."""
    config = configuration(setting("USER"), setting("PASSWORD"), url=setting("AUTODISCOVER_URL").replace(".svc", suffix))
    domain = setting("USER").split("@")[1]
    with autodiscover_cache:
        autodiscover_cache[(domain, config.credentials)] = AutodiscoverProtocol(config=config)
    return Account(
        setting("USER"), credentials=config.credentials, autodiscover=way, access_type=DELEGATE, default_timezone=ZONE
    )


@check()
def mailbox_is_found_by_soap_autodiscover():
    anna = discovered("soap", ".svc")
    same(anna.protocol.service_endpoint.lower(), setting("URL").lower(), "the endpoint")
    same(anna.inbox.id, me().inbox.id, "the inbox's id")


@check()
def mailbox_is_found_by_pox_autodiscover():
    anna = discovered("pox", ".xml")
    same(anna.protocol.service_endpoint.lower(), setting("URL").lower(), "the endpoint")
    same(anna.inbox.id, me().inbox.id, "the inbox's id")


@check()
def autodiscover_by_pox_names_the_endpoint():
    from exchangelib.autodiscover.protocol import AutodiscoverProtocol
    url = setting("AUTODISCOVER_URL").replace(".svc", ".xml")
    config = configuration(setting("USER"), setting("PASSWORD"), url=url)
    protocol = AutodiscoverProtocol(config=config)
    answer, session = post_ratelimited(
        protocol=protocol,
        session=protocol.get_session(),
        url=url,
        headers={"Content-Type": "text/xml; charset=utf-8"},
        data=Autodiscover.payload(email=setting("USER")),
    )
    protocol.release_session(session)
    found = Autodiscover.from_bytes(answer.content)
    found.raise_errors()
    same(found.response.protocol.ews_url.lower(), setting("URL").lower(), "the endpoint")
