"""The closed lists of the facts, and named sets of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Side(models.TextChoices):
    """The two sides of a Partnership; on screen the communities' names come first."""

    ISRAEL = "israel", _("the region in Israel")
    DIASPORA = "diaspora", _("the communities abroad")


class PartnershipStatus(models.TextChoices):
    """Whether a Partnership runs."""

    ACTIVE = "active", _("active")
    ENDED = "ended", _("ended")
    UNKNOWN = "unknown", _("not known whether it still runs")


class Verification(models.TextChoices):
    """How sure the sources are that this is a Partnership of the network."""

    SUBSTANTIATED = "substantiated", _("confirmed by sources")
    UNCERTAIN = "uncertain", _("uncertain")


class MembershipRole(models.TextChoices):
    """A partner community's part in its Partnership."""

    PARTNER = "partner", _("partner community")
    LEAD = "lead", _("leading community")


class DatePrecision(models.TextChoices):
    """How exactly a date is known."""

    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")


class Direction(models.TextChoices):
    """Which way people travel."""

    TO_ISRAEL = "to_israel", _("to Israel")
    FROM_ISRAEL = "from_israel", _("from Israel")
    BOTH = "both", _("both ways")
    ONLINE = "online", _("online")
    AT_HOME = "at_home", _("each at home")


class Season(models.TextChoices):
    """When in the year, as the northern hemisphere names it."""

    ALL_YEAR = "all_year", _("all year")
    WINTER = "winter", _("December to February")
    SPRING = "spring", _("March to May")
    SUMMER = "summer", _("June to August")
    AUTUMN = "autumn", _("September to November")


class ProgramStatus(models.TextChoices):
    """Whether a program runs."""

    RUNNING = "running", _("running")
    PAUSED = "paused", _("paused")
    ENDED = "ended", _("ended")


class WayKind(models.TextChoices):
    """What a person can do in a program."""

    TRAVEL = "travel", _("travel")
    HOST = "host", _("host at home")
    VOLUNTEER = "volunteer", _("volunteer")
    TEACH = "teach", _("teach or mentor")
    ONLINE = "online", _("join online")
    GIVE = "give", _("give")


#: Whoever does these is a participant, so that the program's ages hold where the way has none of
#: its own; hosts, volunteers, teachers and givers are never measured by them (USERS A1).
PARTICIPANT_KINDS = frozenset({WayKind.TRAVEL, WayKind.ONLINE})


class CommitteeKind(models.TextChoices):
    """The place of a committee in a Partnership; its name is free text."""

    JOINT_STEERING = "joint_steering", _("joint steering committee")
    SIDE = "side", _("committee of one side")
    SUBCOMMITTEE = "subcommittee", _("subcommittee")
    TASK_FORCE = "task_force", _("task force")


class SeatRole(models.TextChoices):
    """What the holder of a seat does."""

    CHAIR = "chair", _("chair")
    CO_CHAIR = "co_chair", _("co-chair")
    MEMBER = "member", _("committee member")
    ADVISER = "adviser", _("adviser")
    STAFF = "staff", _("staff")


CHAIR_ROLES = frozenset({SeatRole.CHAIR, SeatRole.CO_CHAIR})


class ParticipationMode(models.TextChoices):
    """How people took part."""

    IN_PERSON = "in_person", _("in person")
    ONLINE = "online", _("online")
    HOSTED = "hosted", _("as hosts")


class CountMethod(models.TextChoices):
    """How a number of participants was found."""

    REGISTERED = "registered", _("from registrations")
    COUNTED = "counted", _("counted on the spot")
    ESTIMATED = "estimated", _("estimated")


class BudgetGoal(models.TextChoices):
    """The goals between which budgets are shared (the network's history names the first two)."""

    PERSONAL_CONNECTIONS = "personal_connections", _("personal connections")
    REGIONAL_DEVELOPMENT = "regional_development", _("regional development")
    OTHER = "other", _("other goals")


class FigureKind(models.TextChoices):
    """What a quoted number is, hence how it is written."""

    COUNT = "count", _("a number of something")
    YEAR = "year", _("a year")


class SafeguardingClass(models.TextChoices):
    """How much care for minors a program asks."""

    ADULTS = "adults", _("adults only")
    FAMILIES = "families", _("families together")
    MINORS = "minors", _("minors without their parents")


class Role(models.TextChoices):
    """What an account may do; a role holds for one Partnership, or for the whole network."""

    NETWORK_STAFF = "network_staff", _("network staff")
    COORDINATOR = "coordinator", _("coordinator")
    EDITOR = "editor", _("editor")
    CHAIR = "chair", _("chair")
    PROFESSIONAL = "professional", _("professional")


#: Roles that act for a Partnership, hence need one.
PARTNERSHIP_ROLES = frozenset({Role.COORDINATOR, Role.EDITOR, Role.CHAIR})
#: Roles that may work in the admin.
ADMIN_ROLES = frozenset({Role.NETWORK_STAFF, Role.COORDINATOR, Role.EDITOR})
#: Roles that may publish pages; chairs approve and never publish (TRAPS 10).
PUBLISHING_ROLES = frozenset({Role.NETWORK_STAFF, Role.COORDINATOR, Role.EDITOR})
