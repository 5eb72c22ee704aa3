"""The results of a check in every format: each module has one ``render(results) -> str``."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from thywill_reconstruct.checks.model import CheckResults

FORMATS = {
    "text": "text",
    "json": "as_json",
    "markdown": "markdown",
    "sarif": "sarif",
    "junit": "junit",
    "nagios": "nagios",
    "prometheus": "prometheus",
}


def renderer(name: str) -> Callable[[CheckResults], str]:
    """Return the function of a format, a key of ``FORMATS``; what it returns ends with a line end."""
    module = import_module(f"thywill_reconstruct.report.check.{FORMATS[name]}")
    render: Callable[[CheckResults], str] = module.render
    return render
