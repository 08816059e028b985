"""Imports every table, so that the metadata is whole."""

from crm_store.models import (
    conversations,
    customers,
    files,
    knowledge,
    orders,
    plumbing,
    ratings,
    scores,
    staff,
)
from crm_store.models.base import Base

METADATA = Base.metadata
SUBJECTS = (customers, conversations, files, knowledge, orders, plumbing, ratings, scores, staff)
