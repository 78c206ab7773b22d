"""Blocks made of pictures and files."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents import get_document_model
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images import get_image_model
from wagtail.images.blocks import ImageBlock


class PictureBlock(blocks.StructBlock):
    """A picture with its description and a caption."""

    image = ImageBlock(label=_("picture"))
    caption = blocks.CharBlock(required=False, label=_("caption"))

    class Meta:
        icon = "image"
        label = _("Picture")
        description = _("A picture with a description for those who can't see it.")
        template = "blocks/picture.html"

    def get_preview_value(self) -> Any:
        """Show the newest picture that may be public, if there is one."""
        image = get_image_model().objects.filter(people_shown="none").order_by("-pk").first()
        value: dict[str, Any] = {"caption": "The square where both delegations met"}
        if image:
            image.contextual_alt_text = image.description or image.title
            image.decorative = False
            value["image"] = image
        return self.normalize(value)


class GalleryBlock(blocks.StructBlock):
    """Several pictures together."""

    heading = blocks.CharBlock(required=False, label=_("heading"))
    pictures = blocks.ListBlock(PictureBlock(), label=_("pictures"))

    class Meta:
        icon = "image"
        label = _("Gallery")
        description = _("Several pictures together.")
        template = "blocks/gallery.html"

    def get_preview_value(self) -> Any:
        """Show the picture block's own preview twice."""
        picture = self.child_blocks["pictures"].child_block.get_preview_value()
        return self.normalize({"heading": "From the week", "pictures": [picture, picture]})


class DocumentBlock(blocks.StructBlock):
    """A file that readers can take."""

    document = DocumentChooserBlock(label=_("file"))
    description = blocks.CharBlock(required=False, label=_("what it is"))

    class Meta:
        icon = "doc-full"
        label = _("File")
        description = _("A file that readers can take with them.")
        template = "blocks/document.html"

    def get_preview_value(self) -> Any:
        """Show the newest document, if there is one."""
        document = get_document_model().objects.order_by("-pk").first()
        return self.normalize({"document": document, "description": "Checklist for host families"})
