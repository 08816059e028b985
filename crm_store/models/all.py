"""Imports every table, so that the metadata is whole."""

from crm_store.models import (
    casework,
    conversations,
    customers,
    files,
    knowledge,
    learning,
    orders,
    plumbing,
    ratings,
    scores,
    staff,
)
from crm_store.models.base import Base

METADATA = Base.metadata
SUBJECTS = (
    casework,
    customers,
    conversations,
    files,
    knowledge,
    learning,
    orders,
    plumbing,
    ratings,
    scores,
    staff,
)
