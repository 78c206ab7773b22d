"""Accounts to try the portal with: one a role, for a few Partnerships; never in production."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from partnerships.enums import Role, Side
from partnerships.models import Partnership, RoleAssignment
from portal.models import User

DOMAIN = "example.org"
FILE_NAME = "demo-accounts.json"
#: The Partnerships that have accounts, with the word that stands for them in the address.
PARTNERSHIPS = {
    "beit-shean-valley-of-springs-cleveland": "beit-shean",
    "western-galilee-central-area-consortium": "western-galilee",
}
ROLES_OF_NETWORK = (Role.NETWORK_STAFF, Role.PROFESSIONAL)
_BOTH_COORDINATORS = ((Role.COORDINATOR, Side.ISRAEL), (Role.COORDINATOR, Side.DIASPORA))
ROLES_OF_PARTNERSHIP = {
    "beit-shean-valley-of-springs-cleveland": (
        *_BOTH_COORDINATORS,
        (Role.EDITOR, Side.ISRAEL),
        (Role.EDITOR, Side.DIASPORA),
        (Role.CHAIR, Side.ISRAEL),
    ),
    "western-galilee-central-area-consortium": (
        *_BOTH_COORDINATORS,
        (Role.EDITOR, Side.DIASPORA),
    ),
}


class NotAllowedHere(Exception):
    """These settings must not have accounts whose passwords stand in a file."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A line of `var/demo-accounts.json`; empty `partnership` and `side` mean all."""

    role: str
    partnership: str
    side: str
    login: str
    password: str


def accounts_file() -> Path:
    """Return where the accounts stand."""
    return Path(settings.VAR_DIR) / FILE_NAME


def make_demo_accounts() -> list[DemoAccount]:
    """Make the accounts that are missing, with random passwords, and write the file (mode 0600).

    An account that is there keeps the password that the file says; without the file it gets a new
    one. Raises NotAllowedHere unless the settings allow a demonstration.
    """
    if not settings.DEMO:
        raise NotAllowedHere("Demo accounts are made under `make run` only, never in production.")
    known = _known_passwords()
    accounts = []
    for role, slug, side in _wanted():
        login = _login(role, slug, side)
        user = User.objects.filter(email=login).first()
        password = known.get(login, "") if user else ""
        if not password:
            password = secrets.token_urlsafe(12)
            with transaction.atomic():
                user = user or User(email=login)
                user.preferred_language = "he" if side == Side.ISRAEL else "en"
                user.time_zone = "Asia/Jerusalem" if side == Side.ISRAEL else "America/New_York"
                user.set_password(password)
                user.save()
                RoleAssignment.objects.get_or_create(
                    user=user,
                    role=role,
                    partnership=Partnership.objects.get(slug=slug) if slug else None,
                    side=side,
                )
        accounts.append(DemoAccount(role.value, slug, side, login, password))
    _write(accounts)
    return accounts


def _wanted() -> list[tuple[Role, str, str]]:
    there = set(Partnership.objects.filter(slug__in=PARTNERSHIPS).values_list("slug", flat=True))
    wanted = [(role, "", "") for role in ROLES_OF_NETWORK]
    for slug, roles in ROLES_OF_PARTNERSHIP.items():
        if slug in there:
            wanted += [(role, slug, side.value) for role, side in roles]
    return wanted


def _login(role: Role, slug: str, side: str) -> str:
    words = [role.value.replace("_", "-"), PARTNERSHIPS.get(slug, ""), side]
    return f"{'.'.join(word for word in words if word)}@{DOMAIN}"


def _known_passwords() -> dict[str, str]:
    try:
        rows = json.loads(accounts_file().read_text())
        return {row["login"]: row["password"] for row in rows}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _write(accounts: list[DemoAccount]) -> None:
    """Write the file so that nobody else can read it, not even while it is written."""
    path = accounts_file()
    unfinished = path.with_suffix(".tmp")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump([asdict(account) for account in accounts], file, indent=2)
        file.write("\n")
    unfinished.replace(path)
