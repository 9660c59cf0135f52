"""Registration of commands: common options, handling of errors, exit codes.

A command is a function of a `Session` and its own options. `command` adds the common options
(`--json`, `--exact`, `--profile`, `--address`) and turns every exception into an exit code.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Annotated, Any, TypeAlias, TypeVar

import typer

from xaigh_client.cli import problems
from xaigh_client.cli.problems import Declined, UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.errors import ApiError, CredentialMissingError, XaighError

T = TypeVar("T")

_PANEL = "Options of every command"
_COMMON: dict[str, Any] = {
    "as_json": Annotated[
        bool, typer.Option("--json", help="Print JSON, for scripts.", rich_help_panel=_PANEL)
    ],
    "exact": Annotated[
        bool, typer.Option("--exact", help="Print times exactly.", rich_help_panel=_PANEL)
    ],
    "profile": Annotated[
        str,
        typer.Option("--profile", metavar="NAME", help="Use this profile.", rich_help_panel=_PANEL),
    ],
    "address": Annotated[
        str,
        typer.Option(
            "--address", metavar="ADDR", help="Use this gRPC address.", rich_help_panel=_PANEL
        ),
    ],
}
_DEFAULTS: dict[str, Any] = {"as_json": False, "exact": False, "profile": "", "address": ""}

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask; for scripts.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen, change nothing.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")]
OfOrganization = Annotated[
    str, typer.Option("--organization", help="Only of this one: its id, or its whole name.")
]
Repeated: TypeAlias = list[str] | None
"""An option that may be given several times."""


def group(name: str, help_: str) -> typer.Typer:
    """Creates a group of commands."""
    return typer.Typer(name=name, help=help_, no_args_is_help=True, pretty_exceptions_enable=False)


def command(app: typer.Typer, name: str, **options: Any) -> Callable[[Any], Any]:
    """Registers a function of a `Session` as a command. It returns the exit code; None is 0."""

    def decorate(function: Callable[..., int | None]) -> Callable[..., int | None]:
        signature = inspect.signature(function, eval_str=True)
        own = [p for p in signature.parameters.values() if p.name != "session"]

        @functools.wraps(function)
        def run(ctx: typer.Context, **given: Any) -> None:
            session = ctx.ensure_object(Session)
            for common in _COMMON:
                setattr(session, common, given.pop(common) or getattr(session, common))
            raise typer.Exit(_guarded(session, functools.partial(function, session, **given)))

        keyword = inspect.Parameter.KEYWORD_ONLY
        added = [
            inspect.Parameter(n, keyword, annotation=kind, default=_DEFAULTS[n])
            for n, kind in _COMMON.items()
        ]
        context = inspect.Parameter(
            "ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
        )
        parameters = [context, *(p.replace(kind=keyword) for p in own), *added]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        app.command(name, **options)(run)
        return function

    return decorate


def limited(items: Iterable[T], limit: int) -> list[T]:
    """Returns the first items of a list. Fetches no page beyond them."""
    return list(islice(items, limit))


def _guarded(session: Session, run: Callable[[], int | None]) -> int:
    try:
        return run() or 0
    except ApiError as error:
        problems.show(session, error)
        return problems.exit_code(error)
    except CredentialMissingError:
        session.err.print("xaigh: no credential; run `xaigh login`, or set XAIGH_API_KEY")
        return problems.USAGE
    except (XaighError, UsageProblem, ValueError) as error:
        session.err.print(f"xaigh: {error}", style="red", markup=False, soft_wrap=True)
        return problems.USAGE
    except Declined:
        session.err.print("Nothing was done.")
        return problems.DECLINED
    except (KeyboardInterrupt, EOFError):
        session.err.print()
        return problems.INTERRUPTED
    except BrokenPipeError:
        # The reader of stdout ended, as `head` does. Python would report it again while exiting.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:
        session.err.print(f"xaigh: {error}", style="red", markup=False, soft_wrap=True)
        return 1
    finally:
        session.close()
