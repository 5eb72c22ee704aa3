"""Sending alerts through apprise, which knows mail, chats and webhooks. Addresses hold secrets and are never shown."""

from __future__ import annotations

import hashlib
import importlib
import logging
import os
from typing import Any, NamedTuple

from thywill_reconstruct.errors import UsageError

VARIABLE = "RECONSTRUCT_NOTIFY"


class Channel(NamedTuple):
    """One address.

    Attributes:
        url: The address, secrets included.
        shown: How it is called: its place in the list and the kind of service.
        id: What tells it apart in the history, without being an address.
    """

    url: str
    shown: str
    id: str


def channels_of(given: list[str]) -> list[Channel]:
    """Return the channels given as options and those in ``RECONSTRUCT_NOTIFY`` (separated by blanks), each once.

    Raises:
        UsageError: apprise is not installed, or does not understand an address.
    """
    urls = list(dict.fromkeys([*given, *os.environ.get(VARIABLE, "").split()]))
    return [_channel(url, number) for number, url in enumerate(urls, start=1)]


def _channel(url: str, number: int) -> Channel:
    scheme = url.partition("://")[0].lower() if "://" in url else ""
    # What is no scheme may be a token that somebody pasted alone.
    kind = scheme if scheme.isascii() and scheme.isalnum() and len(scheme) <= 20 else "no known kind"
    shown = f"address {number} ({kind})"
    if not _apprise().Apprise().add(url):
        raise UsageError(
            f"{shown} for alerts cannot be understood",
            hint="Its form is that of apprise, such as mailto://USER:PASSWORD@HOST or json://HOST/PATH.",
        )
    return Channel(url, shown, hashlib.sha256(url.encode("utf-8", "surrogateescape")).hexdigest()[:16])


def send(channel: Channel, title: str, body: str) -> bool:
    """Send an alert and return whether the service took it."""
    apprise = _apprise()
    sender = apprise.Apprise(asset=apprise.AppriseAsset(app_id="reconstruct", app_desc="thywill-reconstruct"))
    if not sender.add(channel.url):
        return False
    try:
        return bool(sender.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT))
    except Exception:  # whatever a service's plugin raises could quote the address; that it failed is all we may say
        return False


def _apprise() -> Any:
    try:
        apprise = importlib.import_module("apprise")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"alerts need a Python module that is not installed ({error.name})",
            hint="Install it: pip install 'thywill-reconstruct[monitor]'.",
        ) from error
    # It and what it uses write addresses into their logs.
    logging.disable()
    return apprise
