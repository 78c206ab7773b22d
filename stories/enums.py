"""The closed lists of the stories, and named sets of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PracticeOutcome(models.TextChoices):
    """How it went; a failed attempt is a practice with that outcome."""

    WORKED = "worked", _("it worked")
    PARTLY = "partly", _("it worked in part")
    FAILED = "failed", _("it did not work")


class EvidenceLevel(models.TextChoices):
    """How well tested something is, in words, the weakest first; never a number or stars."""

    TOLD = "told", _("told as a story")
    DESCRIBED = "described", _("described in full")
    COUNTED = "counted", _("counted")
    REPEATED = "repeated", _("repeated elsewhere")
    CONFIRMED = "confirmed", _("confirmed in several places")


class CostPayer(models.TextChoices):
    """Who pays a cost."""

    ISRAEL = "israel", _("the region in Israel")
    DIASPORA = "diaspora", _("the community abroad")
    PARTICIPANT = "participant", _("each participant")
    OTHER = "other", _("others (grants, donors)")


class CostCategory(models.TextChoices):
    """What a cost is for; travel can be taken out of a sum."""

    TRAVEL = "travel", _("flights and travel")
    LODGING = "lodging", _("lodging")
    FOOD = "food", _("food")
    STAFF = "staff", _("staff and teachers")
    VENUE = "venue", _("rooms and venues")
    MATERIALS = "materials", _("materials and equipment")
    INSURANCE = "insurance", _("insurance and safety")
    PUBLICITY = "publicity", _("publicity")
    OTHER = "other", _("other")


class MentorOffer(models.TextChoices):
    """Whether the owners help others to repeat it."""

    NONE = "none", _("no offer")
    OPEN = "open", _("offers to mentor")
    FULL = "full", _("mentors others, full for now")


class StepSide(models.TextChoices):
    """Which side does a step."""

    ISRAEL = "israel", _("the region in Israel")
    DIASPORA = "diaspora", _("the community abroad")
    BOTH = "both", _("both together")


class ChallengeStatus(models.TextChoices):
    """Where a challenge stands."""

    OPEN = "open", _("open")
    SOLVED_BY_ADOPTION = "solved_by_adoption", _("solved with a practice of others")
    SOLVED_OTHERWISE = "solved_otherwise", _("solved in another way")
    WITHDRAWN = "withdrawn", _("withdrawn")
    STALE = "stale", _("no news for half a year")


#: Currencies offered first; any three letters are taken.
CURRENCIES = [
    ("USD", "USD"),
    ("ILS", "ILS"),
    ("CAD", "CAD"),
    ("EUR", "EUR"),
    ("GBP", "GBP"),
    ("AUD", "AUD"),
    ("ZAR", "ZAR"),
    ("MXN", "MXN"),
    ("CZK", "CZK"),
    ("PLN", "PLN"),
    ("HUF", "HUF"),
]
