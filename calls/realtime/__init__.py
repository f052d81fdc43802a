"""Realtime model APIs relayed between an agent's code and its provider. Pure: no sockets, no clock.

``base`` is what a provider's adapter has to offer; each provider is one module or package beside it.
"""
