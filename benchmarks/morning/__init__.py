"""A scripted morning: customers in two channels and two languages, agents in two desks, judged by plain SQL."""
