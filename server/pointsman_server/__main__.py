"""The program ``pointsman-server``: serve, migrate, check, admin-token, sandbox."""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import sys
from collections.abc import Coroutine, Sequence

from pointsman_server import __version__, config, telemetry
from pointsman_server.app import renew_admin_token, serve
from pointsman_server.check import check, check_issuers, content_checks, limits
from pointsman_server.config import Settings
from pointsman_server.errors import ConfigurationError
from pointsman_server.sandbox import serve as serve_sandbox
from pointsman_server.storage.databases import migrate

_REFUSED = 1
_DEFAULT_SANDBOX_ADDRESS = "127.0.0.1:8052"
_LAST_PORT = 65_535


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the program; exits with 1 and one clear line where the configuration is wrong."""
    options = _parser().parse_args(arguments)
    try:
        sys.exit(_run(options))
    except ConfigurationError as error:
        sys.stderr.write(f"pointsman-server: {error}\n")
        sys.exit(_REFUSED)


def _run(options: argparse.Namespace) -> int:
    settings = config.load(os.environ)
    telemetry.configure(settings.log_level, settings.log_format)
    match options.command:
        case "serve":
            _run_loop(settings, serve(settings, os.environ))
        case "migrate":
            sys.stdout.write(f"{migrate(settings.database)}\n")
        case "admin-token":
            _run_loop(settings, renew_admin_token(settings))
        case "check":
            return _check(settings, offline=options.offline)
        case "sandbox":
            _sandbox(settings, options)
    return 0


def _check(settings: Settings, *, offline: bool) -> int:
    findings = asyncio.run(check(settings, os.environ, offline=offline))
    width = max(len(finding.provider_id) for finding in findings)
    for finding in findings:
        line = f"{finding.provider_id:<{width}}  {finding.state:<11}  {finding.model_count:>5} models  {finding.detail}"
        sys.stdout.write(line.rstrip() + "\n")
    sys.stdout.writelines(f"{line}\n" for line in (*limits(settings), *content_checks(settings)))
    issuers = [] if offline else asyncio.run(check_issuers(settings))
    sys.stdout.writelines(f"issuer {finding.issuer}: {finding.detail}\n" for finding in issuers)
    sound = all(finding.ok for finding in findings) and all(finding.ok for finding in issuers)
    return 0 if sound else _REFUSED


def _sandbox(settings: Settings, options: argparse.Namespace) -> None:
    try:
        _run_loop(settings, serve_sandbox(options.address, speed=options.speed, burst=options.burst))
    except OSError as error:
        raise ConfigurationError(f"cannot listen on {options.address}: it is taken or cannot be used") from error


def _run_loop(settings: Settings, work: Coroutine[None, None, None]) -> None:
    with asyncio.Runner(loop_factory=_uvloop if settings.uvloop else None) as runner:
        runner.get_loop().set_exception_handler(telemetry.log_loop_error)
        runner.run(work)


def _uvloop() -> asyncio.AbstractEventLoop:
    import uvloop  # noqa: PLC0415  # whoever turns it off need not have it

    return uvloop.new_event_loop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pointsman-server", description="Pointsman's server. Settings come from POINTSMAN_* variables."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", help="serve until SIGTERM")
    commands.add_parser("migrate", help="bring the database to this version's schema")
    checking = commands.add_parser("check", help="say what is configured and what answers; prints no key")
    checking.add_argument("--offline", action="store_true", help="ask no provider but the local ones")
    commands.add_parser("admin-token", help="make a new key for the first administrator, whose own was lost")
    sandbox = commands.add_parser("sandbox", help="run the simulated provider alone")
    sandbox.add_argument(
        "--address", type=_address, default=_DEFAULT_SANDBOX_ADDRESS, help="host:port (default %(default)s)"
    )
    sandbox.add_argument("--speed", type=_speed, default=1.0, help="how many times as fast as its own pace")
    sandbox.add_argument("--burst", action="store_true", help="send every answer at once")
    return parser


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"must be host:port, such as {_DEFAULT_SANDBOX_ADDRESS}")
    return text


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed < math.inf:
        raise argparse.ArgumentTypeError("must be a number above 0")
    return speed


if __name__ == "__main__":
    main()
