"""The vocabulary of the field: one list of concepts in all languages."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from portal.fields import TranslatedField, language_choices
from portal.text import normalize_name


class ConceptKind(models.TextChoices):
    """The four facets that concepts fill."""

    PROGRAM_TYPE = "program_type", _("program type")
    TOPIC = "topic", _("topic")
    AUDIENCE = "audience", _("audience")
    RESOURCE = "resource", _("resource")


class SynonymGrade(models.TextChoices):
    """How far a synonym stands for its concept in a search."""

    EXACT = "exact", _("exact: searched by itself")
    LOOSE = "loose", _("loose: only offered")


class Concept(ClusterableModel):
    """A term of the field with labels and synonyms in each language.

    `key` is stable: URLs, the API and the library index hold it, so a renamed label costs nothing.
    """

    key = models.CharField(
        _("key"),
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9_]+$", _("Small letters, digits and _ only."))],
        help_text=_("Stays for ever: addresses and the API hold it."),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=ConceptKind.choices, db_index=True)
    label = TranslatedField(_("label"), max_length=120)
    broader = models.ForeignKey(
        "self",
        verbose_name=_("broader concept"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="narrower",
    )
    is_unsure = models.BooleanField(
        _("to be confirmed"), default=False, help_text=_("A native reader has yet to confirm it.")
    )

    class Meta:
        verbose_name = _("concept")
        verbose_name_plural = _("concepts")
        ordering: ClassVar[list[str]] = ["kind", "key"]

    def __str__(self) -> str:
        return str(self.label) or self.key

    def clean(self) -> None:
        super().clean()
        seen = {self.pk}
        ancestor = self.broader
        while ancestor is not None:
            if ancestor.pk in seen and ancestor.pk is not None:
                raise ValidationError({"broader": _("A concept can't be broader than itself.")})
            seen.add(ancestor.pk)
            ancestor = ancestor.broader


class ConceptSynonym(models.Model):
    """Another word for a concept in one language."""

    concept = ParentalKey(Concept, on_delete=models.CASCADE, related_name="synonyms")
    language = models.CharField(_("language"), max_length=10, choices=language_choices)
    text = models.CharField(_("text"), max_length=120)
    grade = models.CharField(_("grade"), max_length=5, choices=SynonymGrade.choices)
    normalized = models.CharField(max_length=120, editable=False, db_index=True)

    class Meta:
        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")
        constraints = [
            models.UniqueConstraint(
                fields=["concept", "language", "text"], name="portal_conceptsynonym_once"
            )
        ]

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        """Refuse what has signs only: nobody could search for it."""
        super().clean()
        if not any(map(str.isalnum, self.text)):
            raise ValidationError({"text": _("Give at least one word.")})

    def save(self, *args: object, **kwargs: object) -> None:
        self.normalized = normalize_name(self.text)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
