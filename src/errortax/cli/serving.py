"""
``errortax serve``: servers for gateways.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from errortax.cli import options
from errortax.cli.screen import note, printable
from errortax.gateway.configuration import BODY_TIMEOUT, Configuration, address_of, configuration
from errortax.model import ConfigurationError, ErrortaxError
from errortax.rendering import AUDIENCES

if TYPE_CHECKING:
    from errortax.gateway import Translator
    from errortax.integrations.envoy import Observation

MISCONFIGURED: Final = 2
_LISTEN: Final = "127.0.0.1:50051"
_GRACE: Final = 10.0
_AT_START_ONLY: Final[Mapping[str, str | None]] = {"listen": _LISTEN, "metrics": None}
"""Key → its default; a change of these keys needs a new start."""

_EXTRA: Final[Mapping[str, str]] = {
    "envoy": "xds-protos",
    "google": "protobuf",
    "grpc": "grpcio",
    "grpc_health": "grpcio-health-checking",
    "prometheus_client": "prometheus-client",
    "xds": "xds-protos",
}
"""Module → the package of the extra ``envoy`` that has it."""

_LOGGER: Final = logging.getLogger("errortax")
_BUCKETS: Final = (0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.005, 0.02, 0.1)

_Command = TypeVar("_Command", bound=Callable[..., object])


class _MisconfiguredError(click.ClickException):
    """A server cannot start with this configuration."""

    exit_code = MISCONFIGURED

    def show(self, file: Any = None) -> None:  # noqa: ARG002  # click passes it
        """
        Print the message.
        """
        note(self.message)


@click.group()
def serve() -> None:
    """Run a server for gateways."""


def _routes(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    routes: dict[str, str] = {}
    for value in values:
        route, equals, vendor = value.rpartition("=")
        if not (route and equals and vendor):
            raise click.BadParameter(
                f"{value!r} is not a route; write a path or a host, an equals sign and a vendor: /path/=NAME"
            )
        routes[route] = vendor
    return routes


def _translation(command: _Command) -> _Command:
    """Add the options for translation; they have no defaults, so that the file decides if an option is not given."""
    for add in (
        click.option("--shadow", is_flag=True, default=None, help="Change nothing; log and count what would be answered."),
        click.option(
            "--too-long",
            metavar="[status|pass]",
            help="What happens to an error of more than 256 KiB: its status decides, or it passes.  [default: status]",
        ),
        click.option("--pass-header", metavar="NAME", multiple=True, help="Pass this header of the upstream; repeatable."),
        click.option("--keep-status", is_flag=True, default=None, help="Keep the upstream's HTTP status."),
        click.option("--inspect-success", is_flag=True, default=None, help="Look for errors in 2xx responses, too."),
        click.option("--locale", type=options.LanguageTag(), help="The language of all answers.  [default: the caller's]"),
        click.option("--expose", metavar=f"[{'|'.join(AUDIENCES)}]", help="The audience of the answers.  [default: developer]"),
        click.option(
            "--route", metavar="ROUTE=VENDOR", multiple=True, callback=_routes, help="The vendor of a path or host; repeatable."
        ),
        options.vendor(text="The vendor that answers.  [default: from the routes, else from the host]"),
        click.option("--to", metavar="FORMAT", help="The format of the answers.  [default: problem+json]"),
        options.registry_files,
    ):
        command = add(command)
    return command


@serve.command("ext-proc")
@click.option("--listen", metavar="ADDRESS", help=f"HOST:PORT or unix:PATH.  [default: {_LISTEN}]")
@click.option("--metrics", metavar="HOST:PORT", help="The address for Prometheus metrics.  [default: none]")
@click.option(
    "--grace",
    metavar="SECONDS",
    type=click.FloatRange(0, 86_400),
    help=f"Wait this long for open requests after SIGTERM.  [default: {_GRACE:g}]",
)
@click.option(
    "--body-timeout",
    metavar="SECONDS",
    type=click.FloatRange(0, 86_400),
    help=f"Wait this long for the body of an error; then its status decides.  [default: {BODY_TIMEOUT:g}]",
)
@click.option("--config", type=options.Path(), help="A TOML file with the same keys; SIGHUP reloads it.")
@_translation
def ext_proc(config: str | None, registry_files: tuple[str, ...], **given: Any) -> None:
    """
    Translate errors for Envoy, as an external processor.

    SIGHUP reloads the file of --config and all vendor files; if one is wrong, the old settings stay in force. SIGTERM
    stops the server after its open requests.
    """
    said = {name.replace("_", "-"): value for name, value in {**given, "registry": registry_files}.items()}
    read = partial(configuration, {key: value for key, value in said.items() if value not in (None, (), {})}, config)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a metrics client that hangs up must not end the server
    try:
        with _logging():
            asyncio.run(_serve(read))
    except ConfigurationError as error:
        raise _MisconfiguredError(str(error)) from error
    except ImportError as error:
        package = _EXTRA.get(str(error.name).partition(".")[0])
        if package is None:
            raise
        raise _MisconfiguredError(f"this needs {package}; run: pip install 'errortax[envoy]'") from error


async def _serve(read: Callable[[], Configuration]) -> None:
    from errortax.integrations._envoy_access_log import AccessLog
    from errortax.integrations.envoy import Processor, Server  # needs grpc

    stop, reload, loop = asyncio.Event(), asyncio.Event(), asyncio.get_running_loop()
    for number, event in ((signal.SIGTERM, stop), (signal.SIGINT, stop), (signal.SIGHUP, reload)):
        loop.add_signal_handler(number, event.set)
    settings = started = read()
    translator = _translator_of(settings)
    metrics = None if settings.get("metrics") is None else _Metrics(settings, translator)
    body_timeout = settings.get("body-timeout", BODY_TIMEOUT)
    processor = Processor(translator, body_timeout=body_timeout, observe=None if metrics is None else metrics.observe)
    access_log = None if metrics is None else AccessLog(metrics.observe_sent)
    server = Server(processor, settings.get("listen", _LISTEN), access_log)
    try:
        try:
            address = await server.start()
        except OSError as error:
            raise settings.error_at(
                "listen", f"cannot listen at {error.filename}: {error.strerror}; choose another one"
            ) from error
        _LOGGER.info("listening at %s", address)
        while not await _is_set_first(stop, reload):
            reload.clear()
            settings = await _reloaded(read, settings, started, processor, metrics)
        grace = settings.get("grace", _GRACE)
        _LOGGER.info("stopping; open requests have %g seconds", grace)
        await server.stop(grace)
    finally:
        if metrics is not None:
            metrics.close()
    _LOGGER.info("stopped")


def _translator_of(settings: Configuration) -> Translator:
    return settings.translator(settings.registry(options.registry_of(()).documentation_url))


async def _is_set_first(first: asyncio.Event, other: asyncio.Event) -> bool:
    """Wait for one of two events, and return whether the first is set."""
    waiting = [asyncio.ensure_future(event.wait()) for event in (first, other)]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    return first.is_set()


async def _reloaded(
    read: Callable[[], Configuration], before: Configuration, started: Configuration, processor: Any, metrics: _Metrics | None
) -> Configuration:
    """Return the settings in force after a reload; the server answers requests meanwhile."""
    start = perf_counter()
    try:
        settings = await asyncio.to_thread(read)
        translator = await asyncio.to_thread(_translator_of, settings)
    except Exception as error:
        is_explained = isinstance(error, ErrortaxError)  # its message is enough
        _LOGGER.error("not reloaded, the old settings stay in force: %s", error, exc_info=None if is_explained else error)
        if metrics is not None:
            metrics.reloads.labels("refused").inc()
        return before
    processor.translator, processor.body_timeout = translator, settings.get("body-timeout", BODY_TIMEOUT)
    if metrics is not None:
        metrics.translator = translator
        metrics.reloads.labels("done").inc()
    for key, default in _AT_START_ONLY.items():
        if settings.get(key, default) != started.get(key, default):
            _LOGGER.warning("%s: restart to apply this change", settings.places.get(key, key))
    _LOGGER.info("reloaded in %.0f ms", (perf_counter() - start) * 1000)
    return settings


class _Metrics:
    """Count responses for Prometheus, and serve the counts at an address of their own."""

    def __init__(self, settings: Configuration, translator: Translator) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server

        self.translator = translator
        collected = CollectorRegistry()
        self._answers = Counter(
            "errortax_responses",
            "Error responses seen.",
            ("vendor", "category", "outcome"),
            registry=collected,
        )
        self._sent = Counter(
            "errortax_sent",
            "Answers that Envoy has sent, by its access log.",
            ("vendor", "category"),
            registry=collected,
        )
        self._seconds = Histogram(
            "errortax_translation_seconds", "Seconds for one translation.", registry=collected, buckets=_BUCKETS
        )
        self.reloads = Counter("errortax_reloads", "Reloads of configuration and vendors.", ("outcome",), registry=collected)
        address = str(settings.get("metrics"))
        host, port = cast("tuple[str, int]", address_of(address))  # the configuration has checked it
        try:
            self._server, self._thread = start_http_server(port, host, collected)
        except OSError as error:
            raise settings.error_at("metrics", f"cannot listen at {address}: {error.strerror}; choose another one") from error
        _LOGGER.info("metrics at http://%s:%d/metrics", address.rpartition(":")[0], self._server.server_port)

    def observe(self, observation: Observation) -> None:
        """
        Count a response under its vendor and category; all unknown vendors count as one.
        """
        error = observation.error
        vendor, category = ("", "") if error is None else (error.vendor, error.category.value)
        self._answers.labels(self._known(vendor), category, observation.outcome).inc()
        self._seconds.observe(observation.seconds)

    def observe_sent(self, vendor: str, category: str) -> None:
        """
        Count an answer that Envoy has sent.
        """
        self._sent.labels(self._known(vendor), category).inc()

    def _known(self, vendor: str) -> str:
        """Return the *vendor* if the registry has it: an upstream that speaks our formats may name any."""
        return vendor if vendor in self.translator.registry else ""

    def close(self) -> None:
        """
        Stop serving.
        """
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def _logging() -> Generator[None]:
    """Write the log to standard error during the context."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(message)s"))
    level = _LOGGER.level
    _LOGGER.addHandler(handler)
    _LOGGER.setLevel(logging.INFO)
    try:
        yield
    finally:
        _LOGGER.setLevel(level)
        _LOGGER.removeHandler(handler)


class _Formatter(logging.Formatter):
    """Write lines that are safe to show on a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """
        Return the lines of a record.
        """
        return "\n".join(map(printable, super().format(record).splitlines()))
