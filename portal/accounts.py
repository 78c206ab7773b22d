"""Adapters of the one door, django-allauth."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """Nobody signs up alone: accounts are made by coordinators and network staff."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
