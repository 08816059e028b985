"""A long run of the real program under everyday load with every feature on: what grows, and what is left behind."""
