"""The forms of an agent's stream page. What is allowed is said once, in ``tenants.agent_settings``."""

from __future__ import annotations

from typing import Any

from django import forms

from calls.wire.media import FORMATS
from tenants.agent_settings import AgentSettings
from tenants.errors import InvalidInput

_LABELS = {
    "mulaw_8k": "mu-law, 8 kHz (telephone)",
    "l16_8k": "linear 16 bit, 8 kHz",
    "l16_16k": "linear 16 bit, 16 kHz",
}


class StreamSettingsForm(forms.Form):
    """The settings as a person reads them; ``settings`` are those to save."""

    upstream_url = forms.CharField(
        label="Your agent's address", max_length=500, required=False, help_text="wss://, dialled for every call."
    )
    stream_format = forms.ChoiceField(label="Audio format", choices=[(name, _LABELS[name]) for name in FORMATS])
    stream_timeout_s = forms.IntegerField(label="Longest stream, seconds", min_value=60, max_value=86_400)
    plivo_account = forms.ChoiceField(
        label="Carrier account", required=False, help_text="Whose token signs this agent's requests."
    )
    stream_extra_headers = forms.CharField(
        label="Extra headers", max_length=512, required=False, help_text="name=value, separated by commas."
    )
    fallback_text = forms.CharField(
        label="Fallback: what is said", max_length=500, required=False, help_text="Empty: nothing is."
    )
    fallback_target = forms.CharField(
        label="Fallback: then go to",
        max_length=500,
        required=False,
        help_text="A number (+1…), a SIP address or an https:// address that returns XML. Empty: hang up.",
    )
    signed_streams_required = forms.BooleanField(label="Refuse streams that the carrier did not sign", required=False)
    standing_tokens_allowed = forms.BooleanField(label="Allow long-lived stream tokens", required=False)

    def __init__(self, *args: Any, accounts: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Any that is stored"), *((name, name) for name in accounts)]
        chosen = str(self.initial.get("plivo_account", ""))
        if chosen and chosen not in accounts:  # deleted since: shown, so that saving does not change it unseen
            choices.append((chosen, f"{chosen} (not stored)"))
        self.fields["plivo_account"].choices = choices  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(upstream_url: str, settings: AgentSettings) -> dict[str, Any]:
        told = settings.as_json()
        headers = ",".join(f"{name}={value}" for name, value in settings.stream_extra_headers.items())
        return {**told, "upstream_url": upstream_url, "stream_extra_headers": headers}

    def clean_stream_extra_headers(self) -> dict[str, str]:
        told = str(self.cleaned_data["stream_extra_headers"])
        pairs = [part.partition("=") for part in told.split(",") if part.strip()]
        return {name.strip(): value.strip() for name, _, value in pairs}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        given = {name: value for name, value in values.items() if name != "upstream_url"}
        try:
            AgentSettings.from_json(given)
        except InvalidInput as refused:
            for name, wrong in refused.errors.items():
                self.add_error(name, wrong)
        return values

    @property
    def settings(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "upstream_url"}
