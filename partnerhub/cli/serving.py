"""`partnerhub serve`: the read-only partner pages, on this machine only."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from partnerhub.cli.invocation import configuration, existing

LOOPBACK: Final = "127.0.0.1"


def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port on 127.0.0.1.")] = 8000,
) -> None:
    """Show the partner list and partner pages in a browser, read-only, on this machine only."""
    import uvicorn

    from partnerhub.web.app import create_app

    url = configuration(context, with_settings=False).warehouse_url
    existing(url)
    typer.echo(f"Partners are at http://{LOOPBACK}:{port}/partners (Ctrl-C ends it).", err=True)
    uvicorn.run(create_app(url), host=LOOPBACK, port=port, log_level="warning", server_header=False)
