"""A benefit notice becomes a card: who, how much, from when, by when, papers, where, how, appeal, law.

Works without a model.  Every field stands on words of the notice; what no field took is listed.
"""

from assistant.notices.card import Card, CardStatus, Edit, Field, FieldName, State
from assistant.notices.notice import cards_of, read_notice

__all__ = ["Card", "CardStatus", "Edit", "Field", "FieldName", "State", "cards_of", "read_notice"]
