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


class LiveOffer(models.TextChoices):
    """What the owners of a practice offer to others, or look for, at present."""

    MENTORS = "mentors", _("offers to mentor")
    PARTNERS = "partners", _("looking for partners")


class StepSide(models.TextChoices):
    """Which side does a step."""

    ISRAEL = "israel", _("the region in Israel")
    DIASPORA = "diaspora", _("the community abroad")
    BOTH = "both", _("both together")


class SecurityNeed(models.TextChoices):
    """What a practice needs of the security situation where it happens."""

    ANY = "any", _("can be done in any situation")
    SHELTER = "shelter", _("can be done near a shelter")
    FREE = "free", _("people must be able to move about freely")


class WeatherNeed(models.TextChoices):
    """What weather a practice needs where it happens."""

    ANY = "any", _("indoors, in any weather")
    WARM = "warm", _("outdoors, in warm and dry weather")
    MILD = "mild", _("outdoors, in no great heat or cold")
    SNOW = "snow", _("cold, with snow")


class NetworkPart(models.TextChoices):
    """Parts of a page that can be for the network alone; sums of costs are always public."""

    BUDGET = "budget", _("the full budget: each cost in its words, with the names of funders")
    CONTACT = "contact", _("the contact")
    FORMS = "forms", _("forms, letters and guides")
    EVALUATIONS = "evaluations", _("evaluations and surveys")


class ChallengeStatus(models.TextChoices):
    """Where a challenge stands."""

    OPEN = "open", _("open")
    SOLVED_BY_ADOPTION = "solved_by_adoption", _("solved with a practice of others")
    SOLVED_OTHERWISE = "solved_otherwise", _("solved in another way")
    WITHDRAWN = "withdrawn", _("withdrawn")
    STALE = "stale", _("no news for half a year")


class AdoptionState(models.TextChoices):
    """How far a Partnership is with a practice that it took over."""

    CONSIDERING = "considering", _("considering it")
    PLANNED = "planned", _("planned")
    RUNNING = "running", _("running")
    COMPLETED = "completed", _("completed")
    STOPPED = "stopped", _("stopped")


#: The moves that are legal; what is completed or stopped stays so.
ADOPTION_MOVES: dict[AdoptionState, tuple[AdoptionState, ...]] = {
    AdoptionState.CONSIDERING: (AdoptionState.PLANNED, AdoptionState.STOPPED),
    AdoptionState.PLANNED: (AdoptionState.RUNNING, AdoptionState.STOPPED),
    AdoptionState.RUNNING: (AdoptionState.COMPLETED, AdoptionState.STOPPED),
    AdoptionState.COMPLETED: (),
    AdoptionState.STOPPED: (),
}


class StopReason(models.TextChoices):
    """Why a practice that was taken over was stopped."""

    MONEY = "money", _("no money for it")
    PEOPLE = "people", _("nobody to do the work")
    PARTICIPANTS = "participants", _("too few took part")
    SECURITY = "security", _("the security situation")
    OTHER_SIDE = "other_side", _("the other side could not go on")
    NO_FIT = "no_fit", _("it did not fit our communities")
    PRIORITIES = "priorities", _("other things were more urgent")
    OTHER = "other", _("another reason")


class AgainstAim(models.TextChoices):
    """What came of it, held against the aim of the practice."""

    BETTER = "better", _("better than the aim")
    SAME = "same", _("as the aim")
    WORSE = "worse", _("worse than the aim")
    UNKNOWN = "unknown", _("not known")


class RunKind(models.TextChoices):
    """What public sources say of a run from before the portal."""

    SAME_MODEL = "same_model", _("the same model; who took it from whom is not said")
    ADOPTED = "adopted", _("taken over from here, the source says")


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
