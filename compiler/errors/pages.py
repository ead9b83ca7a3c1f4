"""All pages of `dlc explain`, by code."""

from __future__ import annotations

from . import (
    pages_data,
    pages_images,
    pages_lint,
    pages_names,
    pages_results,
    pages_shapes,
    pages_steps,
    pages_syntax,
    pages_texts,
    pages_training,
)

PAGES = {
    page.code: page
    for pages in (
        pages_syntax,
        pages_shapes,
        pages_results,
        pages_names,
        pages_training,
        pages_steps,
        pages_data,
        pages_images,
        pages_texts,
        pages_lint,
    )
    for page in pages.PAGES
}
