"""Says in words how well tested a practice is, why, and what the next level takes."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stories.enums import EvidenceLevel
from stories.evidence import Evidence, Lack, Reason


@dataclass(frozen=True, slots=True)
class EvidenceText:
    """What a page says of a practice's evidence, in the reader's language.

    `earlier` tells of runs known from public sources, counted apart; empty without any.
    """

    level: EvidenceLevel
    label: str
    because: tuple[str, ...]
    missing: tuple[str, ...]
    earlier: str
    failures: int


def in_words(evidence: Evidence) -> EvidenceText:
    """Return the words for `evidence` in the active language."""
    return EvidenceText(
        level=evidence.level,
        label=str(evidence.level.label),
        because=tuple(_because(reason, evidence) for reason in evidence.reasons),
        missing=tuple(_missing(lack) for lack in evidence.missing),
        earlier=_earlier(evidence),
        failures=len(evidence.counter_examples),
    )


def _because(reason: Reason, evidence: Evidence) -> str:
    repeated = ngettext(
        "%(count)d other Partnership brought it over and reports that it came out as the aim, or"
        " better.",
        "%(count)d other Partnerships brought it over and report that it came out as the aim, or"
        " better.",
        evidence.repeated_in,
    ) % {"count": evidence.repeated_in}
    words = {
        Reason.INCOMPLETE: _("it is told, and not yet all that others need is described."),
        Reason.DESCRIBED: _("all that others need in order to repeat it is described."),
        Reason.COUNTED: _("its own people counted what changed, before and after, and say how."),
        Reason.REPEATED: repeated,
        Reason.REPEATED_EARLIER: _("public sources tell of earlier runs elsewhere."),
        Reason.CONFIRMED: repeated,
        Reason.EVALUATED_BY_OTHERS: _evaluated(evidence),
        Reason.UNANSWERED_WORSE: _(
            "It went worse than the aim elsewhere, and nobody has answered that yet; so what others"
            " reported does not raise it."
        ),
        Reason.NOT_CONFIRMED_LATELY: "",
    }
    if reason == Reason.NOT_CONFIRMED_LATELY and evidence.last_confirmed_on:
        return _("It was last confirmed on %(day)s, so it stands one lower.") % {
            "day": date_format(evidence.last_confirmed_on)
        }
    return str(words[reason])


def _evaluated(evidence: Evidence) -> str:
    """Who evaluated it, where everybody may know that, and when the network reviewed it."""
    day = date_format(evidence.reviewed_on) if evidence.reviewed_on else ""
    if evidence.evaluator and day:
        return _("others evaluated it: %(who)s; the network reviewed that on %(day)s.") % {
            "who": evidence.evaluator,
            "day": day,
        }
    if evidence.evaluator:
        return _("others evaluated it: %(who)s.") % {"who": evidence.evaluator}
    if day:
        return _("others evaluated it, and the network reviewed that on %(day)s.") % {"day": day}
    return _("others evaluated it, and the network reviewed that.")


def _missing(lack: Lack) -> str:
    words = {
        Lack.FIELDS: _("that its people fill what is missing of the twelve fields"),
        Lack.COUNTED_RESULT: _(
            "a result counted before and after, with how it was counted (an evaluation that is only"
            " attached is none; one made by others, with its file or address, is one once the"
            " network reviewed it)"
        ),
        Lack.REPETITION: _(
            "another Partnership that brings it over and reports that it came out as the aim"
        ),
        Lack.MORE_REPETITIONS: _(
            "such reports from three Partnerships in two regions, or an evaluation by others"
        ),
        Lack.MORE_REGIONS: _("such a report from another region, or an evaluation by others"),
        Lack.ANSWER: _("an answer to the report of those for whom it went worse"),
        Lack.CONFIRMATION: _("that its people confirm it anew"),
        Lack.REVIEW: _("that the network reviews the evaluation by others"),
    }
    return str(words[lack])


def _earlier(evidence: Evidence) -> str:
    if not evidence.earlier_in:
        return ""
    return ngettext(
        "Also run in %(count)d other Partnership or place, from public sources.",
        "Also run in %(count)d other Partnerships or places, from public sources.",
        evidence.earlier_in,
    ) % {"count": evidence.earlier_in}
