"""`partnerhub serve`: the read-only partner pages, on this machine only."""

from __future__ import annotations

import socket
from typing import Annotated, Final

import typer

from partnerhub.cli.invocation import AsJson, configuration, existing, log_to_stderr
from partnerhub.cli.output import answer

LOOPBACK: Final = "127.0.0.1"


def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port on 127.0.0.1.")] = 8000,
    as_json: AsJson = False,
) -> None:
    """Show the partner list and partner pages in a browser, read-only, on this machine only."""
    import uvicorn

    from partnerhub.config.intervals import due_of
    from partnerhub.web.app import create_app
    from pipelines.watching import watched

    config = configuration(context, with_settings=False)
    url = config.warehouse_url
    existing(url)
    require_free(port)
    log_to_stderr(debug=context.obj.debug)
    address = f"http://{LOOPBACK}:{port}/partners"
    line = f"Partners are at {address} (Ctrl-C ends it)."
    answer(
        {"url": address}, lambda console: console.print(line, markup=False, soft_wrap=True), as_json=as_json
    )
    with watched(url):
        app = create_app(url, lambda: due_of(config))
        uvicorn.run(app, host=LOOPBACK, port=port, log_level="warning", server_header=False)


def require_free(port: int) -> None:
    """Raise a usage error when something else listens there."""
    try:
        with socket.create_server((LOOPBACK, port)):
            return
    except OSError as error:
        raise typer.BadParameter(f"Port {port} is in use. Choose another with --port.") from error
