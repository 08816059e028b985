"""The staff side: one topic of the group per customer, a card with buttons, words both ways."""
