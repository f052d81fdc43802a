"""The OpenAI Realtime protocol, GA names and the beta's: ``relay.OpenAIRelay`` is the door."""
