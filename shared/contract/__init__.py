"""The public contract of the events: an AsyncAPI 3.0 document, made from the registry and the topology."""

from shared.contract.document import asyncapi

__all__ = ["asyncapi"]
