"""
The commands of ``errortax``.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from typing import Any, Final

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from errortax.cli import options
from errortax.cli.classifying import Classifier
from errortax.cli.exits import EXIT_CODES, FINDINGS, INTERRUPTED, UNREADABLE, USAGE
from errortax.cli.inputs import readings, shown_name
from errortax.cli.readings import Assumptions
from errortax.cli.reports import Reports
from errortax.cli.screen import Screen, note, progress
from errortax.cli.translations import Translations
from errortax.model import (
    AmbiguousCodeError,
    ErrortaxError,
    InvalidFileError,
    OutcomeKind,
    UnknownCodeError,
    UnknownFormatError,
    UnknownSchemaError,
    UnknownVendorError,
    UnreadableFileError,
)
from errortax.registry import loading

SHELLS: Final[dict[str, type[ShellComplete]]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}

_ELSEWHERE: Final = {
    "docs": ("documenting", "docs"),
    "explain": ("looking_up", "explain"),
    "export": ("exporting", "export"),
    "list": ("looking_up", "list_"),
    "search": ("looking_up", "search"),
    "serve": ("serving", "serve"),
}
"""Command → its module and its name there; these take longer to import than all others together."""

_WRONG_NAMES = (UnknownCodeError, UnknownFormatError, UnknownVendorError, UnknownSchemaError, AmbiguousCodeError)


class _WrongNameError(click.ClickException):
    """A name is unknown or ambiguous."""

    exit_code = USAGE

    def show(self, file: Any = None) -> None:  # noqa: ARG002  # click passes it
        """
        Print the message.
        """
        note(self.message)


class _UnreadableError(_WrongNameError):
    """A file of vendor data cannot be read, or breaks its rules."""

    exit_code = UNREADABLE


class _Commands(click.Group):
    """A group of commands that turns errors of errortax into exit codes, and imports some commands only when used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """
        Return the names of all commands, including those in `_ELSEWHERE`.
        """
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """
        Return the command with that name, or None.
        """
        if cmd_name in _ELSEWHERE:
            module, name = _ELSEWHERE[cmd_name]
            command: click.Command = getattr(import_module(f"errortax.cli.{module}"), name)
            return command
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """
        Run the command.
        """
        try:
            return super().invoke(ctx)
        except ErrortaxError as error:
            failure = _WrongNameError if isinstance(error, _WRONG_NAMES) else _UnreadableError
            raise failure(_message(error)) from error
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)


def _message(error: ErrortaxError) -> str:
    """Return the message of an *error* in the words of the command line."""
    if isinstance(error, AmbiguousCodeError):
        return f"code {error.code!r} is documented by {', '.join(error.vendors)}; add --vendor {error.vendors[0]}"
    if isinstance(error, UnknownCodeError) and not error.vendors and not error.suggestions:
        return f"unknown code {error.name!r}; find codes with `errortax search TEXT`, or list all with `errortax list`"
    return str(error)


@click.group(cls=_Commands, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="errortax")
def app() -> None:
    """Explain the error responses of APIs: the meaning, whether to retry, and who must do what."""


@app.command(epilog=EXIT_CODES)
@options.responses
@click.option(
    "--fail-on",
    metavar="WHAT",
    type=options.FAIL_ON,
    multiple=True,
    help=f"Exit with {FINDINGS} on errors of this category or group, or on any `{options.ANY_ERROR}`; repeatable.",
)
@click.option(
    "--only",
    type=click.Choice([*map(str, OutcomeKind)]),
    multiple=True,
    help="Print only responses with this outcome; repeatable.",
)
@click.option("--evidence", "-v", is_flag=True, help="Print, too, how each entry was found, and its source.")
@options.locale
@options.output_format_or_line
@options.registry_files
def parse(files: tuple[str, ...], format_: str, registry_files: tuple[str, ...], **rest: Any) -> None:
    """
    Explain responses.

    FILE is one of these kinds, recognised by its content; `-` or none is standard input:

    \b
      http    responses as `curl -i`, `curl -v`, HTTPie, wget and others print
              them; of a chain of redirects the last one counts
      body    a bare body; give its --status
      har     a HAR file, as browsers save it
      ndjson  one response per line, read as a stream:
              {"status": 404, "headers": {...}, "body": "..." or "json": ...,
               "url": "...", "vendor": "..."}
    """  # noqa: D301  # click wants the character, not its spelling
    classifier = Classifier(options.registry_of(registry_files), rest["vendor"], rest["fail_on"])
    found = readings(files or ("-",), rest["kind"], Assumptions(rest["status"], rest["url"]), progress)
    results = (one for one in classifier.results(found) if not rest["only"] or one.outcome.kind in rest["only"])
    reports = Reports(rest["locale"], evidence=rest["evidence"])
    Screen(format_).blocks(results, reports.block, reports.document)
    sys.exit(UNREADABLE if classifier.is_incomplete else FINDINGS if classifier.has_failed else 0)


@app.command(epilog=EXIT_CODES)
@options.responses
@options.to
@options.expose
@click.option("--keep-status", is_flag=True, help="Keep the HTTP status of the response.")
@options.locale
@options.output_format
@options.registry_files
def translate(files: tuple[str, ...], kind: str, format_: str, registry_files: tuple[str, ...], **rest: Any) -> None:
    """
    Translate error responses into the answers of a gateway.

    FILE is the same as for `parse`. Text answers look like the output of `curl -i`; JSON answers can be read again as
    NDJSON. A response that is not an error is not printed, only mentioned on standard error.
    """
    registry = options.registry_of(registry_files)
    translations = Translations(rest["to"], rest["expose"], rest["locale"], registry, keep_status=rest["keep_status"])
    classifier = Classifier(registry, rest["vendor"], ())
    screen = Screen(format_)
    names = files or ("-",)
    found = readings(names, kind, Assumptions(rest["status"], rest["url"]), progress)
    screen.messages(translations.of(classifier.results(found), [*map(shown_name, names)]))
    sys.exit(UNREADABLE if classifier.is_incomplete else 0)


@app.command(epilog=EXIT_CODES)
@options.output_format
@options.registry_files
def vendors(format_: str, registry_files: tuple[str, ...]) -> None:
    """List the vendors."""
    items = []
    for vendor in options.registry_of(registry_files).values():
        count, hosts = len(vendor.entries), ", ".join(vendor.hosts) or "-"
        document = {
            "vendor": vendor.name,
            "title": vendor.title,
            "scheme": vendor.scheme.value,
            "entries": count,
            "hosts": vendor.hosts,
            "url": vendor.url,
            "description": vendor.description,
        }
        items.append(((vendor.name, vendor.title, vendor.scheme.value, str(count), hosts), document))
    Screen(format_).table(("vendor", "title", "scheme", "codes", "hosts"), items)


@app.command(epilog=EXIT_CODES)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=options.Path())
@click.option("--fix", is_flag=True, help="First write the files in the canonical layout, defaults left out.")
@click.option("--layout", is_flag=True, help="A file in another layout is a finding, too.")
@options.output_format
def check(files: tuple[str, ...], fix: bool, layout: bool, format_: str) -> None:
    """
    Check vendor files for all that is wrong.

    A line that begins with `advice:` is about something that could be better; it does not count as a finding.
    """
    from errortax import checking  # jsonschema takes its time to load

    findings: list[str] = []
    is_incomplete = False
    for name in files:
        try:
            if fix:
                _fix(name)
            findings += checking.check(name, layout=layout, beside=files)
        except UnreadableFileError as error:
            note(str(error))
            is_incomplete = True
    findings = [*dict.fromkeys(findings)]  # those on a standard belong to each file that names it, too
    Screen(format_).table(("finding",), [((finding,), {"finding": finding}) for finding in findings])
    has_failed = not all(finding.startswith(checking.ADVICE) for finding in findings)
    sys.exit(UNREADABLE if is_incomplete else FINDINGS if has_failed else 0)


def _fix(name: str) -> None:
    from errortax import checking  # as above

    with suppress(InvalidFileError):  # its violations are findings
        note(f"{name}: {'formatted' if checking.fix(name) else 'left as it is'}")


@app.command(epilog=EXIT_CODES)
@click.argument("name", required=False, type=options.Word("schema", loading.schemas()))
def schema(name: str | None) -> None:
    """Print a JSON Schema, or the names of all schemas."""
    screen = Screen("json")
    if name is None:
        for each in loading.schemas():
            screen.line(each)
        return
    screen.document(loading.schema(name))


@app.command(epilog='For bash: eval "$(errortax completion bash)"; see the reference for the other shells.')
@click.argument("shell", type=click.Choice([*SHELLS]))
def completion(shell: str) -> None:
    """Print the completion script for a SHELL."""
    print(SHELLS[shell](app, {}, "errortax", "_ERRORTAX_COMPLETE").source())
