"""`xaigh login`, `logout`, `profiles`, `use`: manages profiles."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from xaigh_client import address as addresses
from xaigh_client import keyformat
from xaigh_client.cli import output, profiles, prompts
from xaigh_client.cli.output import Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.profiles import Profile
from xaigh_client.cli.session import Session, tls_of
from xaigh_client.client import Client
from xaigh_client.errors import ApiError, UnauthenticatedError, UnavailableError
from xaigh_client.settings import hint

Name = Annotated[str, typer.Argument(metavar="[NAME]", help="The profile.")]
_COLUMNS = (
    Column(title="Profile"),
    Column(title=""),
    Column(title="Address"),
    Column(title="Key"),
)


def login(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="A name for it.")] = "default",
    ca_file: Annotated[
        str, typer.Option("--ca-file", help="Certificates to trust instead of the system's.")
    ] = "",
) -> None:
    """Keep a server's address and a key under a name, in a file that only you may read.

    The key is typed without an echo or comes from a pipe, and is tried before it is kept.

    Example: xaigh login staging --address gateway.example.com:8443
    """
    address = session.address or prompts.ask(session, "Address", default=addresses.DEFAULT_ADDRESS)
    where = addresses.parse(address)
    key = prompts.secret(session, "Key or operator credential")
    if keyformat.check(key) is None:
        raise UsageProblem("this is no key: a character is wrong or missing")
    _verify_credential(Profile(address=address, api_key=key, ca_file=ca_file))
    file = session.config_file
    kept = profiles.load(file).with_profile(
        name, Profile(address=address, api_key=key, ca_file=ca_file)
    )
    profiles.save(file, kept)
    session.out.print(Text(f"Logged in to {where} as {name}."))
    session.note(f"Kept in {file}.")


def logout(session: Session, name: Name = "") -> None:
    """Forget a profile, the current one if none is named. The key itself stays valid."""
    file = session.config_file
    kept = profiles.load(file)
    chosen = name or session.profile or kept.current
    if not chosen:
        raise UsageProblem("no profile is in use")
    profiles.save(file, kept.without(chosen))
    session.out.print(Text(f"Forgot {chosen}."))


def use(
    session: Session, name: Annotated[str, typer.Argument(metavar="NAME", help="The profile.")]
) -> None:
    """Use a profile from now on."""
    file = session.config_file
    kept = profiles.load(file)
    profiles.save(file, kept.with_profile(name, kept.get(name)))
    session.out.print(Text(f"Using {name}."))


def list_profiles(session: Session) -> None:
    """List the profiles. Keys are never shown."""
    kept = profiles.load(session.config_file)
    rows = [
        (name, "current" if name == kept.current else "", one.address, hint(one.api_key))
        for name, one in sorted(kept.by_name.items())
    ]
    if session.as_json:
        found = [
            {"profile": name, "current": bool(mark), "address": address, "key": key}
            for name, mark, address, key in rows
        ]
        output.emit_json(session, found)
        return
    output.table(session, _COLUMNS, rows, empty="No profiles. Begin with `xaigh login`.")


def _verify_credential(profile: Profile) -> None:
    """Calls the server with the credential. Raises ApiError where it is invalid or unreachable."""
    tls = tls_of(profile.ca_file)
    with Client(api_key=profile.api_key, address=profile.address, tls=tls) as client:
        try:
            client.me.who_am_i()
        except (UnauthenticatedError, UnavailableError):
            raise
        except ApiError:
            # A refusal for another reason, as a missing scope, proves that the credential is valid.
            return
