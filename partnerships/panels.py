"""The panels of the facts' forms in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, InlinePanel, MultiFieldPanel

from portal.widgets import ConceptCheckboxes, TimeZoneSelect

#: Who may make Partnerships may also say what identifies one.
STAFF_ONLY = "partnerships.add_partnership"


def staff_field(name: str, **options: Any) -> FieldPanel:
    """Return a field that only network staff see and change."""
    return FieldPanel(name, permission=STAFF_ONLY, **options)


def row(*names: str) -> FieldRowPanel:
    """Return fields side by side."""
    return FieldRowPanel([FieldPanel(name) for name in names])


def source_panel() -> MultiFieldPanel:
    """Return where a fact is known from, and its key in imports."""
    return MultiFieldPanel(
        [FieldPanel("sources"), staff_field("reference")],
        heading=_("Where this is known from"),
        classname="collapsed",
    )


def variants_panel(help_text: Any) -> InlinePanel:
    """Return other names and spellings, by which one finds it too."""
    return InlinePanel(
        "variants",
        [FieldPanel("text"), row("language", "kind")],
        heading=_("Other names and spellings"),
        label=_("name"),
        help_text=help_text,
        classname="collapsed",
    )


def contact_panels() -> list[Any]:
    """Return who answers visitors, by role, never by name."""
    return [FieldPanel("contact_title"), row("contact_email", "answer_days")]


PARTNERSHIP_TABS = [
    (
        _("Names"),
        [
            FieldPanel("name"),
            FieldPanel("region_name"),
            variants_panel(_("Former names too: who knows the old one still finds you.")),
        ],
    ),
    (
        _("Communities"),
        [
            HelpPanel(
                content=_(
                    "A community that leaves keeps its row: give the date on which it left."
                    " Its history stays readable."
                )
            ),
            InlinePanel(
                "memberships",
                [
                    FieldPanel("community"),
                    row("side", "role", "sort_order"),
                    row("joined_on", "joined_precision"),
                    row("left_on", "left_precision"),
                    FieldPanel("leaving_reason"),
                    *contact_panels(),
                    FieldPanel("local_page"),
                    FieldPanel("sources"),
                ],
                heading=_("Communities of both sides"),
                label=_("community"),
            ),
        ],
    ),
    (
        _("About"),
        [
            row("status", "ended_on", "founded_year"),
            FieldPanel("themes", widget=ConceptCheckboxes),
            FieldRowPanel([staff_field("kind", widget=forms.Select), staff_field("verification")]),
            staff_field("slug"),
            source_panel(),
        ],
    ),
    (_("Contact"), [*contact_panels(), FieldPanel("notes")]),
]

KIND_PANELS = [row("key", "is_counted"), FieldPanel("label")]

COMMUNITY_PANELS = [
    FieldPanel("name"),
    FieldPanel("federation"),
    FieldPanel("introduction"),
    FieldRowPanel(
        [
            FieldPanel("country_code"),
            FieldPanel("region_code"),
            FieldPanel("time_zone", widget=TimeZoneSelect),
        ]
    ),
    row("latitude", "longitude"),
    row("size_band", "spoken_languages", "website"),
    MultiFieldPanel(
        [row("school_year", "climate"), row("budget_band", "staff_hours"), row("security")],
        heading=_("For “Would it fit us?”"),
        help_text=_("Public. What is left empty shows as “not told”."),
    ),
    variants_panel(_("Suburbs and counties it serves too; Safed is also Tzfat and Zefat.")),
    staff_field("slug"),
    source_panel(),
]

PROGRAM_TABS = [
    (
        _("Program"),
        [
            FieldPanel("partnership"),
            FieldPanel("name"),
            FieldPanel("summary"),
            FieldRowPanel([FieldPanel("type", widget=forms.Select), FieldPanel("status")]),
            FieldPanel("concepts", widget=ConceptCheckboxes),
        ],
    ),
    (
        _("Ways to take part"),
        [
            InlinePanel(
                "ways",
                [
                    FieldPanel("title"),
                    row("kind", "side", "sort_order"),
                    FieldPanel("asks"),
                    FieldPanel("next_steps"),
                    row("age_from", "age_to"),
                    row("opens_on", "deadline"),
                    row("starts_on", "ends_on"),
                    row("places", "places_left", "is_closed"),
                    FieldPanel("usually_opens"),
                    FieldPanel("involves_minors"),
                ],
                heading=_("Ways to take part"),
                label=_("way to take part"),
                help_text=_(
                    "One for each thing a person can do: travel, host, teach. A host is not"
                    " bound to the participants' ages."
                ),
            ),
        ],
    ),
    (
        _("Details"),
        [
            row("direction", "season"),
            row("age_from", "age_to"),
            row("participant_cost", "currency", "capacity"),
            FieldPanel("languages"),
            FieldPanel("accessibility"),
            FieldPanel("safeguarding"),
            row("started_year", "ended_year"),
            FieldPanel("slug"),
            source_panel(),
        ],
    ),
]

OWN_CLOCK = _("By the clock of your own account; visitors read it by the event's.")

EVENT_PANELS = [
    row("partnership", "program"),
    FieldPanel("name"),
    FieldPanel("summary"),
    FieldRowPanel(
        [
            FieldPanel("starts_at", help_text=OWN_CLOCK),
            FieldPanel("ends_at"),
            FieldPanel("time_zone", widget=TimeZoneSelect),
        ]
    ),
    FieldPanel("community"),
    FieldPanel("place"),
    FieldPanel("online_url"),
    MultiFieldPanel(
        [FieldPanel("involves_minors"), FieldPanel("reveal_after")],
        heading=_("Care for minors"),
    ),
    MultiFieldPanel(
        [
            FieldPanel("is_learning_session"),
            FieldPanel("recording_url"),
            FieldPanel("follow_up"),
        ],
        heading=_("Learning together"),
    ),
    source_panel(),
]

COMMITTEE_PANELS = [
    FieldPanel("partnership"),
    FieldPanel("name"),
    row("kind", "side", "parent"),
    FieldPanel("meeting_rhythm"),
    row("is_active", "sort_order"),
    InlinePanel(
        "seats",
        [
            row("side", "role", "is_volunteer"),
            FieldPanel("title"),
            FieldPanel("holder"),
            row("term_from", "term_to", "sort_order"),
        ],
        heading=_("Seats"),
        label=_("seat"),
        help_text=_("The public sees the role and the side, never a name."),
    ),
    InlinePanel(
        "decisions",
        [FieldPanel("decided_on"), FieldPanel("summary"), FieldPanel("is_public")],
        heading=_("Decisions"),
        label=_("decision"),
        help_text=_("A summary for the public; minutes stay in the committee."),
    ),
    source_panel(),
]

SCHOOL_PANELS = [
    FieldPanel("partnership"),
    row("israel_community", "diaspora_community"),
    FieldPanel("israel_school"),
    FieldPanel("diaspora_school"),
    FieldPanel("names_are_public", help_text=_("Only when both schools asked for it.")),
    row("level", "since_year", "until_year"),
    source_panel(),
]

PARTICIPATION_PANELS = [
    row("partnership", "program"),
    row("year", "side", "mode"),
    row("count", "method", "may_overlap"),
    source_panel(),
]

BUDGET_PANELS = [FieldPanel("partnership"), row("year", "goal", "percent"), source_panel()]

FIGURE_PANELS = [
    FieldPanel("partnership"),
    FieldPanel("label"),
    row("value", "kind"),
    FieldPanel("is_at_least"),
    row("as_of", "as_of_is_approximate"),
    FieldPanel("definition"),
    row("key", "sort_order"),
    staff_field("is_headline"),
    source_panel(),
]

ROLE_PANELS = [
    FieldPanel("user"),
    row("role", "partnership", "side"),
    FieldPanel("title"),
    row("starts_on", "ends_on"),
]
