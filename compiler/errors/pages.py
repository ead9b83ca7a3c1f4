"""All pages of `dlc explain`, by code."""

from __future__ import annotations

from . import pages_data, pages_names, pages_shapes, pages_syntax, pages_training

PAGES = {
    page.code: page
    for pages in (pages_syntax, pages_shapes, pages_names, pages_training, pages_data)
    for page in pages.PAGES
}
