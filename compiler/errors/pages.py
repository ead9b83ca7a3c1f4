"""All pages of `dlc explain`, by code."""

from __future__ import annotations

from . import (
    pages_advice,
    pages_control,
    pages_data,
    pages_data_at_hand,
    pages_effects,
    pages_images,
    pages_lint,
    pages_maps,
    pages_names,
    pages_results,
    pages_sequences,
    pages_shapes,
    pages_steps,
    pages_sweeps,
    pages_syntax,
    pages_targets,
    pages_texts,
    pages_training,
    pages_trainings,
)

PAGES = {
    page.code: page
    for pages in (
        pages_syntax,
        pages_shapes,
        pages_results,
        pages_sequences,
        pages_names,
        pages_control,
        pages_training,
        pages_steps,
        pages_trainings,
        pages_sweeps,
        pages_data,
        pages_data_at_hand,
        pages_images,
        pages_texts,
        pages_lint,
        pages_maps,
        pages_advice,
        pages_effects,
        pages_targets,
    )
    for page in pages.PAGES
}
