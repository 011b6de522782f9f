"""DavMail itself: started headless in front of the server that the environment
names, with ports of its own, and ended with the run."""
import contextlib
import os
import pathlib
import socket
import subprocess
import tempfile
import time

PREFIX = "EXCONN_INTEROP_"
# Where Debian's package has it; DAVMAIL_JAR names another.
JAR = os.environ.get("DAVMAIL_JAR", "/usr/share/davmail/davmail.jar")
PASSPHRASE = "changeit"  # of a key store that holds public certificates alone


def setting(name, default=None):
    """A variable of the environment; world.go says what each means."""
    value = os.environ.get(PREFIX + name, default)
    if value is None:
        raise SystemExit(
            f'{PREFIX}{name} is not set: start this by "go run ./interop davmail", or set the variables for a server of your own'
        )
    return value


def _free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Gateway:
    """A running DavMail."""

    def __init__(self, process, ports, log):
        self.process, self.ports, self.log = process, ports, log

    def wait(self):
        """Waits until it listens."""
        for port in self.ports.values():
            end = time.monotonic() + 60
            while True:
                if self.process.poll() is not None:
                    raise SystemExit(f"DavMail ended by itself: {self.tail()}")
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    if time.monotonic() > end:
                        raise SystemExit(f"DavMail does not listen: {self.tail()}") from None
                    time.sleep(0.2)

    def tail(self):
        """The end of what it wrote."""
        if not self.log.exists():
            return "it wrote nothing"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])


def _trust(folder):
    """A key store with the CA of the server's certificate, or None where the
    system trusts it already."""
    ca = os.environ.get(PREFIX + "CA")
    if not ca:
        return None
    store = folder / "trust.p12"
    subprocess.run(
        ["keytool", "-importcert", "-noprompt", "-alias", "server", "-file", ca, "-keystore", str(store),
         "-storetype", "PKCS12", "-storepass", PASSPHRASE],
        check=True, capture_output=True,
    )
    return store


@contextlib.contextmanager
def started():
    """A running DavMail, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="exconn-davmail-") as name:
        folder = pathlib.Path(name)
        ports = {service: _free_port() for service in ("imap", "smtp", "caldav")}
        log = folder / "davmail.log"
        properties = {
            "davmail.server": "true",
            "davmail.mode": "EWS",
            "davmail.enableEws": "true",
            "davmail.url": setting("URL"),
            "davmail.bindAddress": "127.0.0.1",
            "davmail.allowRemote": "false",
            "davmail.disableUpdateCheck": "true",
            "davmail.popPort": "",
            "davmail.ldapPort": "",
            "davmail.keepDelay": "0",
            "davmail.sentKeepDelay": "0",
            "davmail.caldavPastDelay": "0",
            "davmail.imapIdleDelay": "1",
            "davmail.imapAutoExpunge": "false",
            "davmail.smtpSaveInSent": "true",
            "davmail.caldavAutoSchedule": "true",
            "davmail.enableProxy": "false",
            "davmail.logFilePath": str(log),
            "log4j.rootLogger": "WARN",
            "log4j.logger.davmail": os.environ.get("DAVMAIL_LOG", "WARN"),
            **{f"davmail.{service}Port": str(port) for service, port in ports.items()},
        }
        config = folder / "davmail.properties"
        config.write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
        command = ["java", "-Djava.awt.headless=true", "-Djava.net.preferIPv4Stack=true"]
        if store := _trust(folder):
            command += [f"-Djavax.net.ssl.trustStore={store}", f"-Djavax.net.ssl.trustStorePassword={PASSPHRASE}"]
        with open(folder / "out.txt", "wb") as out:
            process = subprocess.Popen(
                [*command, "-jar", JAR, str(config)], cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )
        gateway = Gateway(process, ports, log)
        try:
            gateway.wait()
            yield gateway
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if keep := os.environ.get("DAVMAIL_KEEP_LOG"):
                pathlib.Path(keep).write_bytes(log.read_bytes() if log.exists() else b"")
