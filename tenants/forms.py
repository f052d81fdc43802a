"""The sign-in form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest

from tenants.models import User
from tenants.throttle import is_blocked, tries_clear, try_note

WRONG = "This e-mail and password do not match."
TOO_MANY = "Too many tries. Wait five minutes."


class SignInForm(forms.Form):
    """``user`` is set once the form is valid."""

    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    user: User

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.errors:
            return values
        email = str(values["email"]).lower()
        tried = [f"email:{email}", f"address:{self._request.META.get('REMOTE_ADDR', '')}"]
        if any(is_blocked(key) for key in tried):
            raise forms.ValidationError(TOO_MANY)
        user = authenticate(self._request, username=email, password=values["password"])
        if not isinstance(user, User):
            for key in tried:
                try_note(key)
            raise forms.ValidationError(WRONG)
        tries_clear(tried[0])
        self.user = user
        return values
