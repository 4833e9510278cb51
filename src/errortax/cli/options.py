"""
Options and arguments that several commands share, with their shell completion.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.shell_completion import CompletionItem

from errortax.advice import texts
from errortax.cli.inputs import KINDS
from errortax.cli.screen import FORMATS, LINE
from errortax.http import host_of
from errortax.model import Category, ErrortaxError, Group, did_you_mean
from errortax.registry import DOCUMENTATION_URL, Registry, default_registry, load_registry
from errortax.rendering import AUDIENCES, DEFAULT_FORMAT, formats

if TYPE_CHECKING:
    _ParamType = click.ParamType[str, str]
    _Item = CompletionItem[str]
else:  # not generic before click 8.5
    _ParamType, _Item = click.ParamType, CompletionItem

AUTO: Final = "auto"
"""The name that means: detect the vendor from the response."""

_NO_LANGUAGE: Final = ("C", "POSIX")
"""Names of the POSIX locale, whose messages are in English."""

ANY_ERROR: Final = "error"
"""The name that `--fail-on` accepts for any category."""

DOCS: Final = "ERRORTAX_DOCS"
"""The environment variable with the address of the pages about codes, for all commands."""

_Command = TypeVar("_Command", bound=Callable[..., object])


def registry_of(paths: Iterable[str], base_url: str | None = None) -> Registry:
    """
    Return the registry of the bundled vendors and of the files at *paths*.

    The root of its pages is *base_url*, else the environment variable `DOCS`, else the pages of errortax itself.
    """
    paths, (origin, root) = tuple(paths), _root(base_url)
    if not paths and root == DOCUMENTATION_URL:
        return default_registry()
    try:
        return load_registry(*paths, documentation_url=root)
    except ErrortaxError:
        raise  # some of these are a ValueError, too
    except ValueError as error:
        raise click.UsageError(str(error).replace("documentation_url", origin)) from error


def _root(base_url: str | None) -> tuple[str, str]:
    """Return the root of the pages, after the name of the option or variable that it comes from."""
    if base_url is not None:
        return "--base-url", base_url
    return DOCS, os.environ.get(DOCS) or DOCUMENTATION_URL


def _registry(context: click.Context) -> Registry:
    try:
        return registry_of(context.params.get("registry_files") or ())
    except (ErrortaxError, click.UsageError):  # the command itself will report it
        return default_registry()


def _items(found: Iterable[tuple[str, str]], incomplete: str) -> list[_Item]:
    return [CompletionItem(value, help=text) for value, text in found if value.startswith(incomplete)]


class Path(click.Path):
    """The path of a file or a folder; an empty one would be the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """
        Return the path, else fail.
        """
        if not value:
            self.fail("the name is empty; is it that of a variable without a value?", param, ctx)
        return super().convert(value, param, ctx)


class VendorName(_ParamType):
    """The name of a vendor in the registry, or one of *more* words."""

    name = "name"

    def __init__(self, *more: str) -> None:
        self.more = more

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[_Item]:  # noqa: ARG002  # click passes it
        """
        Return the vendors whose names begin with *incomplete*.
        """
        registry = _registry(ctx)
        known = [(name, registry.document(name)["title"]) for name in registry]
        return _items([*known, *((word, "detect the vendor from the response") for word in self.more)], incomplete)


class Code(_ParamType):
    """A vendor's code."""

    name = "code"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[_Item]:  # noqa: ARG002  # click passes it
        """
        Return the documented codes that begin with *incomplete*; only those of the vendor if one is named.
        """
        registry, vendor = _registry(ctx), ctx.params.get("vendor")
        names: Iterable[str] = [vendor] if isinstance(vendor, str) and vendor in registry else registry
        titles: dict[str, str] = {}
        for name in names:
            for entry in registry.document(name)["entries"]:
                titles.setdefault(entry["code"], entry.get("title", ""))
        return _items(titles.items(), incomplete)


class Word(_ParamType):
    """One of many words, which the help text does not list."""

    def __init__(self, name: str, words: Iterable[str]) -> None:
        self.name, self.words = name, [str(word) for word in words]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """
        Return the word if it is a known one, else fail.
        """
        if value not in self.words:
            self.fail(f"no {self.name} named {value!r}; {did_you_mean(str(value), self.words)}", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[_Item]:  # noqa: ARG002  # click passes them
        """
        Return the words that begin with *incomplete*.
        """
        return _items([(word, "") for word in self.words], incomplete)


class TakesNumbers(click.Command):
    """A command whose arguments may be negative numbers, such as the codes of JSON-RPC; no option is a digit."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """
        Read the numbers as if they came behind ``--``.
        """
        numbers = [word for word in args if re.match("-[0-9]", word)]
        if numbers and "--" not in args:
            args = [*(word for word in args if word not in numbers), "--", *numbers]
        return super().parse_args(ctx, args)


class FormatName(_ParamType):
    """The name of a format to translate to."""

    name = "format"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[_Item]:  # noqa: ARG002  # click passes it
        """
        Return the formats whose names begin with *incomplete*, including vendors' own schemes.
        """
        return _items([(name, "") for name in formats(_registry(ctx))], incomplete)


class LanguageTag(_ParamType):
    """A language tag (BCP 47)."""

    name = "locale"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """
        Return the language that serves the tag, else fail; the name of a POSIX locale such as ``de_DE.UTF-8`` is a tag, too.
        """
        tag = re.sub(r"[.@].*", "", str(value))
        if tag in _NO_LANGUAGE:
            return "en"
        try:
            language = texts.match_locale(tag, texts.locales())
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not f"{tag}-".lower().startswith((f"{language}-", f"{language}_")):  # match_locale resorts to English
            self.fail(f"no sentences in the language {value!r}; {did_you_mean(tag, texts.locales())}", param, ctx)
        return language

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[_Item]:  # noqa: ARG002  # click passes them
        """
        Return the languages that begin with *incomplete*.
        """
        return _items([(tag, "") for tag in texts.locales()], incomplete)


def output_format(command: _Command) -> _Command:
    """
    Add ``--format``.
    """
    return _format(FORMATS)(command)


def output_format_or_line(command: _Command) -> _Command:
    """
    Add ``--format`` with the additional form `LINE`.
    """
    return _format((*FORMATS, LINE))(command)


def _format(names: Iterable[str]) -> Callable[[_Command], _Command]:
    choices = click.Choice([*names])
    return click.option("--format", "format_", type=choices, default="text", show_default=True, help="The form of the output.")


def registry_files(command: _Command) -> _Command:
    """
    Add ``--registry``.
    """
    return click.option(
        "--registry",
        "registry_files",
        type=Path(),
        multiple=True,
        is_eager=True,  # completion of vendors and codes needs it
        help="Add a vendor file of your own; repeatable.",
    )(command)


def responses(command: _Command) -> _Command:
    """
    Add the arguments and options of commands that read responses.
    """
    kinds = click.Choice(KINDS)
    for option in (
        click.option("--url", callback=_with_host, help="The URL of the request, if the input does not have it."),
        click.option("--status", type=click.IntRange(100, 999), help="The HTTP status, if the input does not have it."),
        vendor(
            AUTO,
            text="The vendor; `auto` detects it from the response.  [default: from the host of the URL]",
            variable="ERRORTAX_VENDOR",
        ),
        click.option("--input", "kind", type=kinds, default="auto", show_default=True, help="The kind of the files."),
        click.argument("files", metavar="[FILE]...", nargs=-1, type=Path(allow_dash=True), callback=_some_input),
    ):
        command = option(command)
    return command


def _with_host(_: click.Context, __: click.Parameter, url: str | None) -> str | None:
    if url and not host_of(url):
        raise click.BadParameter(f"{url!r} has no host, which says whose error it is; write https://HOST/PATH")
    return url


def _some_input(context: click.Context, _: click.Parameter, files: tuple[str, ...]) -> tuple[str, ...]:
    if not files and not context.resilient_parsing and sys.stdin.isatty():
        raise click.UsageError("no FILE; name a file, or - to type or paste a response", context)
    return files


def locale(command: _Command) -> _Command:
    """
    Add ``--locale``.
    """
    tag = LanguageTag()
    option = click.option(
        "--locale",
        type=tag,
        default="en",
        envvar="ERRORTAX_LOCALE",
        show_default=True,
        show_envvar=True,
        help="The language of the sentences.",
    )
    return option(command)


def to(command: _Command) -> _Command:
    """
    Add ``--to``.
    """
    return click.option(
        "--to",
        type=FormatName(),
        default=DEFAULT_FORMAT,
        show_default=True,
        help="The format of the answers, or a vendor for its own scheme.",
    )(command)


def expose(command: _Command) -> _Command:
    """
    Add ``--expose``.
    """
    choices = click.Choice([*AUDIENCES])
    return click.option("--expose", type=choices, default="developer", show_default=True, help="The audience of the answers.")(
        command
    )


def vendor(*more: str, text: str, variable: str | None = None) -> Callable[[_Command], _Command]:
    """
    Add ``--vendor`` with the help *text*; it also accepts *more* words. The environment *variable* sets its default.
    """
    show = variable is not None
    return click.option("--vendor", type=VendorName(*more), is_eager=True, envvar=variable, show_envvar=show, help=text)


CATEGORY: Final = Word("category", Category)
FAIL_ON: Final = Word("category or group", dict.fromkeys([ANY_ERROR, *Group, *Category]))  # "unknown" is both
