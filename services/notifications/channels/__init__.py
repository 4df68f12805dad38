"""The ways out, one file each with the same two methods; a new channel is one file and one line here."""

from collections.abc import Callable, Mapping
from typing import Any

from services.notifications.channels.channel import Channel, DeliveryFailed, Letter
from services.notifications.channels.email import email_channel
from services.notifications.settings import Settings

__all__ = ["Channel", "DeliveryFailed", "Letter", "channels_for"]

# Each answers None when the settings do not configure it.
REGISTRY: Mapping[str, Callable[[Settings], Channel[Any] | None]] = {"email": email_channel}


def channels_for(settings: Settings) -> dict[str, Channel[Any]]:
    """The channels that these settings configure, by name."""
    made = {name: make(settings) for name, make in REGISTRY.items()}
    return {name: channel for name, channel in made.items() if channel is not None}
